import { Injectable } from '@nestjs/common';
import { Asker } from '@isthmus/messaging';
import { requireVersion, TenantStore, type Answer, type IdempotentRequest } from '@isthmus/service-kit';
import { SubscriptionLifecycleEnv } from '../config.ts';
import type { TenantRules } from '../domain/nce/tenant-parameters.ts';
import type { OrderAsk } from '../domain/order/order-ask.ts';
import type { Consent } from '../domain/order/order-record.ts';
import { consentOfQuote } from '../domain/quote/consent-of-quote.ts';
import type { OrderBasis } from '../domain/quote/order-basis.ts';
import { changesAtOnce } from '../domain/schedule/after-order.ts';
import { refuseLoss } from '../domain/schedule/lost-changes.ts';
import { factsForOptions } from '../domain/subscription/facts-for-options.ts';
import { leadingLine, lineOf } from '../domain/subscription/line-of.ts';
import { showRecord, type OrderView } from '../http/order.view.ts';
import type { PlaceOrder } from '../http/place-order.dto.ts';
import { Orders } from '../persistence/orders.ts';
import { Quotes } from '../persistence/quotes.ts';
import { readAgreed } from '../persistence/agreed-subscriptions.ts';
import { scheduledChangesLost } from '../persistence/scheduled-changes-lost.ts';
import { askOfChange } from './ask-of-change.ts';
import { ChangeRulesOf } from './change-rules.ts';
import { askOfPurchase } from './ask-of-purchase.ts';
import { tenantRulesOf } from './tenant-rules-of.ts';

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
}

/** What can be commanded about orders: one door for people over HTTP and for other services over asks. */
@Injectable()
export class OrderCommands {
  readonly #tenantRules: TenantRules;

  constructor(
    private readonly store: TenantStore,
    private readonly orders: Orders,
    private readonly quotes: Quotes,
    private readonly asker: Asker,
    private readonly rules: ChangeRulesOf,
    private readonly env: SubscriptionLifecycleEnv,
  ) {
    this.#tenantRules = tenantRulesOf(env);
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
    body: PlaceOrder,
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
    body: PlaceOrder,
    { subject, correlationId }: Orderer,
    version: number | undefined,
  ): Promise<Answer<OrderView>> {
    const { tenantId } = request;
    const { ask, connectorId, subscriptionId } = await this.meaningOf(tenantId, body, version);
    if (subscriptionId && changesAtOnce({ ask }) && !body.dropScheduledChanges)
      refuseLoss(await scheduledChangesLost(this.store.rows(tenantId), subscriptionId));
    const consent = {
      ...(await this.#consent(tenantId, body, ask)),
      dropScheduledChanges: body.dropScheduledChanges ?? false,
    };
    const { quoteId } = body;
    const command = {
      tenantId,
      ask,
      connectorId,
      subscriptionId,
      consent,
      quoteId,
      askedBy: subject,
      correlationId,
    };
    const answer = await this.orders.place(request, command, (record) => showRecord(record, subscriptionId));
    return answer as Answer<OrderView>;
  }

  /** What the asker agreed to: by the quote, or as the command says. */
  async #consent(tenantId: string, body: PlaceOrder, ask: OrderAsk): Promise<Consent> {
    const { quoteId, highestTotal, extraProducts = [] } = body;
    if (quoteId === undefined)
      return { highestTotal: highestTotal ? { ...highestTotal } : null, extraProducts };
    const { id, quote, expiresAt } = await this.quotes.read(tenantId, quoteId);
    const tolerance = body.priceTolerancePercent ?? this.env.PRICE_TOLERANCE_PERCENT;
    return consentOfQuote({ id, quote, expiresAt: expiresAt.getTime() }, ask, tolerance, Date.now());
  }

  /** What an order would mean at CMP; refuses what is known to be impossible. Stores nothing. */
  async meaningOf(tenantId: string, body: PlaceOrder, version?: number): Promise<MeantOrder> {
    const rows = this.store.rows(tenantId);
    if (body.kind === 'create') return askOfPurchase(body, rows, this.asker, this.#tenantRules);
    const row = await readAgreed(rows, body.subscriptionId!);
    if (version !== undefined) requireVersion(version, row.version);
    const changed = body.kind === 'change-quantity' ? lineOf(row.state, body.mpn) : undefined;
    const rules = await this.rules.line(row, changed);
    const leading = leadingLine(row.state);
    const { extended } = factsForOptions(
      row.state,
      { mpn: '', name: row.name, ...leading },
      undefined,
      rules,
    );
    return {
      ask: askOfChange(body, row, Date.now(), 'refuse', rules),
      connectorId: row.connectorId,
      subscriptionId: row.id,
      basis: { unitPrice: null, dependsOn: [], subscription: row.state, extended },
    };
  }
}
