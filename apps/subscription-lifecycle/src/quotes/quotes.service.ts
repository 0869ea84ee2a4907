import { CmpConnections } from '@isthmus/cmp-connections';
import { TenantStore } from '@isthmus/service-kit';
import { Injectable } from '@nestjs/common';
import { readCmpSigns, readRefundRules, SubscriptionLifecycleEnv } from '../config.ts';
import { recentPurchases } from '../orders/guard/guard.store.ts';
import { describeReached, evaluateOrder } from '../orders/guard/order-guard.ts';
import { ordersUnderWay, readOrderContext } from '../orders/order-queries.store.ts';
import { billingWarnings, type OrderContext } from '../orders/order-events.ts';
import { attestationNeeded, OrderRefused, TenantParametersRefused } from '../orders/order.errors.ts';
import { type Acceptance, type OrderReason, type OrderSpec, reason } from '../orders/order.ts';
import { failureReason, refusesOrder } from '../orders/protocol/failed-calls.ts';
import { type CmpSigns, defaultSigns, orderRequest } from '../orders/protocol/order-at-cmp.ts';
import { validateParameters } from '../orders/protocol/order-checks.ts';
import type { OrderCommand } from '../orders/resolving/order-command.ts';
import { OrderResolver, type ResolvedOrder } from '../orders/resolving/order-resolver.service.ts';
import { scheduledChangesLost } from '../scheduled-changes/scheduled-change.store.ts';
import { changesAtOnce, lossReason } from '../scheduled-changes/scheduled-change.ts';
import { buildQuote, type EstimateResult, quoteOfRefused, underWayWarning } from './build-quote.ts';
import type { Quote, QuotedRefusal } from './quote.ts';
import type { QuoteRow } from './quote.entity.ts';
import { insertQuote, readQuote } from './quotes.store.ts';

/** The cost and effect of an order, before it is placed. */
@Injectable()
export class QuoteService {
  constructor(
    private readonly resolver: OrderResolver,
    private readonly store: TenantStore,
    private readonly connections: CmpConnections,
    private readonly env: SubscriptionLifecycleEnv,
  ) {}

  /**
   * Quotes a command to order, and stores the quote. One that would be refused is quoted too, with the reason.
   * @throws SubscriptionNotFound, AccountNotFound; `AskTimedOut` and the like if the catalogue is unreachable
   */
  async quote(tenantId: string, command: OrderCommand, requestedBy: string): Promise<QuoteRow> {
    const quote = await this.#build(tenantId, command);
    const minutes = this.env.QUOTE_MINUTES;
    return this.store.read(tenantId, (em) =>
      insertQuote(em, { tenantId, command, quote, requestedBy, minutes }),
    );
  }

  /** @throws QuoteNotFound */
  read(tenantId: string, id: string): Promise<QuoteRow> {
    return this.store.read(tenantId, (em) => readQuote(em, tenantId, id));
  }

  async #build(tenantId: string, command: OrderCommand): Promise<Quote> {
    try {
      return await this.#price(tenantId, await this.resolver.resolve(tenantId, command), command);
    } catch (error) {
      const refused = toRefusal(error);
      if (refused) return quoteOfRefused(refused);
      throw error;
    }
  }

  async #price(tenantId: string, resolved: ResolvedOrder, command: OrderCommand): Promise<Quote> {
    const { spec, connectorId, subscriptionId } = resolved;
    const within = this.env.QUOTE_CMP_SECONDS * 1_000;
    const { lost, underWay } = await this.#warnings(tenantId, subscriptionId, spec);
    const context = await readOrderContext(this.store.rows(tenantId), resolved);
    const inputs = {
      ...resolved,
      cmp: await estimateAtCmp(
        this.connections,
        { tenantId, connectorId },
        spec,
        within,
        readCmpSigns(this.env),
      ),
      warnings: [
        ...[lost, underWay].filter((warning) => warning !== null),
        ...resolved.warnings,
        ...billingWarnings(context, spec.cmpAccountId),
        ...(await this.#guardWarnings(tenantId, resolved, context.guard)),
      ],
      refused: command.dropScheduledChanges ? null : lost,
      ...readRefundRules(this.env),
    };
    return buildQuote(spec, inputs, Date.now());
  }

  /** Returns a warning if an order with this quote would have to be approved. */
  async #guardWarnings(tenantId: string, resolved: ResolvedOrder, guard: OrderContext['guard']) {
    const { connectorId, spec } = resolved;
    const bought =
      spec.kind === 'create'
        ? await recentPurchases(this.store.rows(tenantId), connectorId, spec)
        : { purchases: 0 };
    const verdict = evaluateOrder({ ...resolved, quoted: true, canQuote: true }, { ...guard, ...bought });
    return verdict.needs === 'approval'
      ? [
          reason(
            'approval-needed',
            `${describeReached(verdict.reached)} Another user has to approve it.`,
            'Order with this quote, and have another operator approve the order.',
          ),
        ]
      : [];
  }

  async #warnings(tenantId: string, subscriptionId: string | null, spec: OrderSpec) {
    if (subscriptionId === null) return { lost: null, underWay: null };
    const lost = changesAtOnce({ spec })
      ? await scheduledChangesLost(this.store.rows(tenantId), subscriptionId)
      : [];
    const underWay = await this.store.read(tenantId, (em) => ordersUnderWay(em, tenantId, subscriptionId));
    return { lost: lossReason(lost), underWay: underWayWarning(underWay) };
  }
}

function toRefusal(error: unknown): QuotedRefusal | null {
  if (!(error instanceof OrderRefused) && !(error instanceof TenantParametersRefused)) return null;
  const { code, message: detail, nextStep, details, errors } = error;
  return { code: code.replace(/^order\./, ''), detail, nextStep, ...details, errors };
}

/** Used where an order has its marker; CMP stores nothing of an estimate. */
const unmarked = 'ISM-QUOTE';

/**
 * CMP's estimate of an order, in the lane of people who wait. Never throws: a quote without CMP's estimate is better than
 * none.
 */
async function estimateAtCmp(
  connections: CmpConnections,
  of: { tenantId: string; connectorId: string },
  spec: OrderSpec,
  withinMs: number,
  signs: CmpSigns = defaultSigns,
): Promise<EstimateResult> {
  if (spec.kind === 'renewal-setting') return { answer: 'not-requested' };
  const signal = AbortSignal.timeout(withinMs);
  try {
    const { client, partnerAttestation } = await connections.open(of, 'interactive');
    if (spec.kind !== 'create')
      return {
        answer: 'estimated',
        estimate: await client.orders.estimate(orderRequest(spec, unmarked), { signal }),
      };
    const cmp = { parameters: client.parameters, partnerAttestation };
    const checked = await validateParameters(cmp, spec, orderRequest(spec, unmarked), signs, { signal });
    const { objections, attestationMissing, acceptance, parameters } = checked;
    if (attestationMissing)
      return { answer: 'refused', reason: refusalReason(attestationNeeded(of.connectorId)) };
    if (acceptance) return { answer: 'away', reason: acceptanceFirst(acceptance) };
    if (objections.length > 0) return { answer: 'refused', reason: parametersRefused(objections) };
    const request = orderRequest({ ...spec, parameters }, unmarked);
    return { answer: 'estimated', estimate: await client.orders.estimate(request, { signal }) };
  } catch (error) {
    const { code, detail, correlationId } = failureReason(error);
    // It is not known whether CMP estimates cancellations at all; a request that it does not understand is not a refusal.
    if (refusesOrder(error) && !(spec.kind === 'cancel' && isMisunderstood(error)))
      return {
        answer: 'refused',
        reason: reason(code, detail, "Follow CMP's message, then quote again.", correlationId),
      };
    return { answer: 'away', reason: reason(code, detail, requestLater, correlationId) };
  }
}

const refusalReason = ({ code, message, nextStep }: OrderRefused): OrderReason =>
  reason(code.replace(/^order\./, ''), message, nextStep);

const acceptanceFirst = ({ link }: Acceptance): OrderReason =>
  reason(
    'customer-acceptance',
    `CMP prices the order only after the customer has accepted ${link ?? 'the terms shown in its control panel'}.`,
    'Have the customer accept it, then quote again; or order: the order waits for it.',
  );

const parametersRefused = (objections: string[]): OrderReason =>
  reason(
    'parameters-refused',
    `CMP does not accept the parameters: ${objections.join('; ')}.`,
    'Fix the parameters and quote again.',
  );

const requestLater =
  "Quote again later, or rely on our estimate: CMP's estimate is requested again before the order is sent.";

const isMisunderstood = (error: unknown): boolean =>
  (error as { category?: string }).category === 'validation';
