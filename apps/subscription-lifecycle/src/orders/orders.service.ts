import { Injectable } from '@nestjs/common';
import { Asker } from '@isthmus/messaging';
import {
  invalidInput,
  requireVersion,
  TenantStore,
  type Answer,
  type IdempotentRequest,
} from '@isthmus/service-kit';
import { refundRulesOf, SubscriptionLifecycleEnv, tenantRulesOf } from '../config.ts';
import type { TenantRules } from './resolving/microsoft-parameters.ts';
import type { Consent, OrderAsk, OrderReason } from './order.ts';
import { requireTerms } from './resolving/order-terms.ts';
import { consentOfQuote, type Quote } from '../quotes/quote.ts';
import { basisOf, type OrderBasis, type RefundRules, termsAsked, termsOfOrder } from '../quotes/estimate.ts';
import { changesAtOnce, refuseLoss } from '../scheduled-changes/scheduled-change.ts';
import { factsForOptions } from '../subscriptions/rules/options.ts';
import { leadingLine, lineOf } from '../subscriptions/subscription.ts';
import { showRecord, type OrderView } from './orders.dto.ts';
import { Orders } from './order.store.ts';
import { Quotes } from '../quotes/quotes.store.ts';
import { readAgreed } from '../subscriptions/subscription.store.ts';
import { billingWarnings, firstWait, readOrderContext } from './order-queries.store.ts';
import { scheduledChangesLost } from '../scheduled-changes/scheduled-change.store.ts';
import { askOfChange } from './resolving/change-order.ts';
import { askOfPurchase, ChangeRulesOf, type WantedOrder } from './resolving/order-resolver.service.ts';

/** Who wants it done, for the books. */
export interface Orderer {
  /** The subject of a person, or the name of a service. */
  subject: string;
  correlationId: string;
}

/** A command as CMP would be asked for it. */
export interface MeantOrder {
  ask: OrderAsk;
  connectorId: string;
  /** Ours; null for a purchase. */
  subscriptionId: string | null;
  /** What a quote works prices and windows out from. */
  basis: OrderBasis;
  /** What whoever commands it should know. */
  warnings: OrderReason[];
}

/** What can be commanded about orders: one door for people over HTTP and for other services over asks. */
@Injectable()
export class OrderCommands {
  readonly #tenantRules: TenantRules;
  readonly #refundRules: RefundRules;

  constructor(
    private readonly store: TenantStore,
    private readonly orders: Orders,
    private readonly quotes: Quotes,
    private readonly asker: Asker,
    private readonly rules: ChangeRulesOf,
    private readonly env: SubscriptionLifecycleEnv,
  ) {
    this.#tenantRules = tenantRulesOf(env);
    this.#refundRules = refundRulesOf(env);
  }

  /**
   * Takes an order over, once per key of the request; 202 with where to follow it. Nothing is sent to CMP here. A
   * repetition gets the first answer, even where the order itself has made it impossible by now.
   * @param version of the subscription that the order is based on; left out, any
   * @throws OrderRefused, TenantParametersRefused, SubscriptionNotFound, AccountNotFound; QuoteNotFound, QuoteExpired,
   * QuoteUsed, QuoteNotBinding, OrderDiffersFromQuote; Problem 412 when another version is current, 422 when the key was
   * used with another body; `AskTimedOut` and the like when the catalogue is away
   */
  async place(
    request: IdempotentRequest,
    body: WantedOrder,
    by: Orderer,
    version?: number,
  ): Promise<Answer<OrderView>> {
    try {
      return await this.#place(request, body, by, version);
    } catch (error) {
      const earlier = await this.orders.answered(request);
      if (earlier) return earlier as Answer<OrderView>;
      throw error;
    }
  }

  async #place(
    request: IdempotentRequest,
    body: WantedOrder,
    { subject, correlationId }: Orderer,
    version: number | undefined,
  ): Promise<Answer<OrderView>> {
    const { tenantId } = request;
    const rows = this.store.rows(tenantId);
    const meant = await this.meaningOf(tenantId, body, version);
    const { ask, connectorId, subscriptionId } = meant;
    if (subscriptionId && changesAtOnce({ ask }) && !body.dropScheduledChanges)
      refuseLoss(await scheduledChangesLost(rows, subscriptionId));
    const tolerance = body.priceTolerancePercent ?? this.env.PRICE_TOLERANCE_PERCENT;
    const { quote, ...agreed } = await this.#consent(tenantId, body, ask, tolerance);
    const consent = { ...agreed, dropScheduledChanges: body.dropScheduledChanges ?? false };
    const context = await readOrderContext(rows, meant);
    const { quoteId } = body;
    const command = {
      tenantId,
      ask,
      connectorId,
      subscriptionId,
      consent,
      terms: termsOfOrder(ask, meant.basis, quote, tolerance, this.#refundRules, Date.now()),
      warnings: [...meant.warnings, ...billingWarnings(context, ask.cmpAccountId)],
      quoteId,
      askedBy: subject,
      correlationId,
    };
    const wait = firstWait(context);
    const answer = await this.orders.place(request, command, (record) =>
      showRecord(record, subscriptionId, wait),
    );
    return answer as Answer<OrderView>;
  }

  /** What the asker agreed to: by the quote, or as the command says. */
  async #consent(
    tenantId: string,
    body: WantedOrder,
    ask: OrderAsk,
    tolerance: number,
  ): Promise<Consent & { quote: Quote | null }> {
    const { quoteId, highestTotal, extraProducts = [] } = body;
    if (quoteId === undefined)
      return { highestTotal: highestTotal ? { ...highestTotal } : null, extraProducts, quote: null };
    const { id, quote, expiresAt } = await this.quotes.read(tenantId, quoteId);
    const stored = { id, quote, expiresAt: expiresAt.getTime() };
    return { ...consentOfQuote(stored, ask, tolerance, Date.now()), quote };
  }

  /** What an order would mean at CMP; refuses what is known to be impossible. Stores nothing. */
  async meaningOf(tenantId: string, body: WantedOrder, version?: number): Promise<MeantOrder> {
    const rows = this.store.rows(tenantId);
    if (body.kind === 'create') return askOfPurchase(body, rows, this.asker, this.#tenantRules);
    if (body.partNumber !== undefined)
      throw invalidInput([
        {
          field: 'partNumber',
          message: `names what is bought; a ${body.kind} is about the product that the subscription has. Leave it out, or name the line by mpn`,
        },
      ]);
    const row = await readAgreed(rows, body.subscriptionId!);
    if (version !== undefined) requireVersion(version, row.version);
    const changed =
      body.kind === 'change-quantity' ? lineOf(row.state, body.mpn, body.cmpProductId) : undefined;
    const rules = await this.rules.line(row, changed);
    const leading = { mpn: '', name: row.name, ...leadingLine(row.state) };
    const { extended } = factsForOptions(row.state, leading, undefined, rules);
    const ask = askOfChange(body, row, Date.now(), 'refuse', rules);
    const basis = { ...basisOf(row.state), extended };
    requireTerms(
      body,
      { ...termsAsked(ask, basis), name: 'one' },
      `subscription ${row.name}`,
      'Leave term and billing period out, or name those that the subscription has: an order of ours does not change them.',
    );
    const { connectorId, id: subscriptionId } = row;
    return { ask, connectorId, subscriptionId, basis, warnings: [] };
  }
}
