import { activeTraceparent } from '@isthmus/messaging';
import { type ApiResponse, type IdempotentRequest, TenantStore } from '@isthmus/service-kit';
import { Injectable } from '@nestjs/common';
import { readRefundRules, SubscriptionLifecycleEnv } from '../config.ts';
import { orderTerms, type RefundRules } from '../quotes/estimate.ts';
import { type Quote, quotedConsent } from '../quotes/quote.ts';
import { readQuote } from '../quotes/quotes.store.ts';
import { scheduledChangesLost } from '../scheduled-changes/scheduled-change.store.ts';
import { changesAtOnce, refuseLoss } from '../scheduled-changes/scheduled-change.ts';
import { readOrderContext } from './order-queries.store.ts';
import { billingWarnings, firstWait } from './order-events.ts';
import type { OrderRow } from './order.entity.ts';
import { PostgresOrderStore } from './order.store.ts';
import type { Consent, OrderSpec } from './order.ts';
import type { OrderCommand } from './resolving/order-command.ts';
import { OrderResolver, type ResolvedOrder } from './resolving/order-resolver.service.ts';

/** The requester, for the records. */
export interface Orderer {
  /** The subject of a user, or the name of a service. */
  subject: string;
  correlationId: string;
  /** True if the requester can get a quote for a large order, as users can; otherwise such an order waits for approval. */
  canQuote?: boolean;
}

/** An order that was just placed, as it is read from then on. */
export type PlacedOrder = Pick<
  OrderRow,
  | 'record'
  | 'subscriptionId'
  | 'requestedBy'
  | 'connectorId'
  | 'correlationId'
  | 'traceparent'
  | 'quoteId'
  | 'scheduledChangeId'
  | 'version'
> &
  Required<Pick<OrderRow, 'wait' | 'account'>>;

/** Renders the response to a command. It is stored with the key, so that a repetition gets it unchanged. */
type RenderPlaced<T> = (placed: PlacedOrder) => ApiResponse<T>;

/** Commands on orders: one entry point for users over HTTP and for other services over the bus. */
@Injectable()
export class OrderService {
  readonly #refundRules: RefundRules;

  constructor(
    private readonly store: TenantStore,
    private readonly orders: PostgresOrderStore,
    private readonly resolver: OrderResolver,
    private readonly env: SubscriptionLifecycleEnv,
  ) {
    this.#refundRules = readRefundRules(env);
  }

  /**
   * Accepts an order, once per key of the request; nothing is sent to CMP here. A repeated request gets the first response, even
   * if the order itself has made it impossible in the meantime.
   * @param version of the subscription that the order is based on; any, if left out
   * @throws the errors of `resolve` and `placeResolved`; Problem 422 if the key was used with a different body
   */
  async place<T>(
    request: IdempotentRequest,
    command: OrderCommand,
    by: Orderer,
    render: RenderPlaced<T>,
    version?: number,
  ): Promise<ApiResponse<T>> {
    const firstResponse = () => this.earlierResponse<T>(request);
    // Resolving a purchase asks other services, which a repetition must not.
    const earlier = command.kind === 'create' ? await firstResponse() : null;
    if (earlier) return earlier;
    try {
      const resolved = await this.resolve(request.tenantId, command, version);
      return await this.placeResolved(request, command, resolved, by, render);
    } catch (error) {
      // Few changes are repeated: searching for an earlier one first would cost all of them 10 % more.
      const first = await firstResponse();
      if (first) return first;
      throw error;
    }
  }

  /** The response that a command got before; null when it is new. */
  earlierResponse<T>(request: IdempotentRequest): Promise<ApiResponse<T> | null> {
    return this.orders.earlierResponse(request) as Promise<ApiResponse<T> | null>;
  }

  /** Translates the command to an order at CMP; see `OrderResolver`. */
  resolve(tenantId: string, command: OrderCommand, version?: number): Promise<ResolvedOrder> {
    return this.resolver.resolve(tenantId, command, version);
  }

  /**
   * Like `place`, for a command that has already been resolved and has no earlier response. If several commands with one key
   * arrive at the same time, only one of them is placed.
   * @throws OrderRefused, QuoteNeeded, QuoteNotFound, QuoteExpired, QuoteUsed, QuoteNotBinding, OrderDiffersFromQuote
   */
  async placeResolved<T>(
    request: IdempotentRequest,
    command: OrderCommand,
    resolved: ResolvedOrder,
    { subject: requestedBy, correlationId, canQuote = false }: Orderer,
    render: RenderPlaced<T>,
  ): Promise<ApiResponse<T>> {
    const { tenantId } = request;
    const rows = this.store.rows(tenantId);
    const { spec, connectorId, subscriptionId } = resolved;
    const { dropScheduledChanges = false, quoteId } = command;
    if (subscriptionId && changesAtOnce({ spec }) && !dropScheduledChanges)
      refuseLoss(await scheduledChangesLost(rows, subscriptionId));
    const tolerance = command.priceTolerancePercent ?? this.env.PRICE_TOLERANCE_PERCENT;
    const { quote, ...agreed } = await this.#agreedConsent(tenantId, command, spec, tolerance);
    const context = await readOrderContext(rows, resolved);
    const placement = {
      ...{ tenantId, spec, connectorId, subscriptionId, quoteId, requestedBy, correlationId, canQuote },
      ...{ basis: resolved.basis, guard: context.guard },
      consent: { ...agreed, dropScheduledChanges },
      terms: orderTerms(spec, resolved.basis, quote, tolerance, this.#refundRules, Date.now()),
      warnings: [...resolved.warnings, ...billingWarnings(context, spec.cmpAccountId)],
    };
    const answer = await this.orders.place(request, placement, (record) =>
      render({
        ...{ record, subscriptionId, connectorId, requestedBy, correlationId },
        ...{ quoteId: quoteId ?? null, scheduledChangeId: null, traceparent: activeTraceparent() ?? null },
        ...{ version: 1, account: context.account, wait: firstWait(context, record) },
      }),
    );
    return answer as ApiResponse<T>;
  }

  /** The terms agreed beforehand, by the quote or in the command. */
  async #agreedConsent(
    tenantId: string,
    { quoteId, highestTotal, extraProducts = [] }: OrderCommand,
    spec: OrderSpec,
    tolerance: number,
  ): Promise<Consent & { quote: Quote | null }> {
    if (quoteId === undefined)
      return { highestTotal: highestTotal ? { ...highestTotal } : null, extraProducts, quote: null };
    const { id, quote, expiresAt } = await this.store.read(tenantId, (em) =>
      readQuote(em, tenantId, quoteId),
    );
    const stored = { id, quote, expiresAt: expiresAt.getTime() };
    return { ...quotedConsent(stored, spec, tolerance, Date.now()), quote };
  }
}
