import { Injectable } from '@nestjs/common';
import { TenantStore } from '@isthmus/service-kit';
import { CmpConnections } from '@isthmus/sync-engine';
import { refundRulesOf, signsOf, SubscriptionLifecycleEnv } from '../config.ts';
import { OrderRefused } from '../domain/order-refused.error.ts';
import type { OrderAsk } from '../domain/order/order-ask.ts';
import { drawUp, quoteOfRefused } from '../domain/quote/draw-up.ts';
import type { Quote, QuotedRefusal } from '../domain/quote/quote.ts';
import { underWayWarning } from '../domain/quote/under-way.ts';
import { changesAtOnce } from '../domain/schedule/after-order.ts';
import { lossReason } from '../domain/schedule/lost-changes.ts';
import { TenantParametersRefused } from '../domain/tenant-parameters-refused.error.ts';
import type { PlaceOrder } from '../http/place-order.dto.ts';
import { ordersUnderWay } from '../persistence/orders-under-way.ts';
import { billingWarnings, readOrderContext } from '../persistence/order-context.ts';
import { Quotes, type QuoteRow } from '../persistence/quotes.ts';
import { scheduledChangesLost } from '../persistence/scheduled-changes-lost.ts';
import { estimateAtCmp } from './estimate-at-cmp.ts';
import { OrderCommands, type MeantOrder } from './order-commands.ts';

/** What an order would cost and do, before anybody orders it. */
@Injectable()
export class QuoteCommands {
  constructor(
    private readonly orders: OrderCommands,
    private readonly quotes: Quotes,
    private readonly store: TenantStore,
    private readonly connections: CmpConnections,
    private readonly env: SubscriptionLifecycleEnv,
  ) {}

  /**
   * Quotes a command to order, and keeps the quote. One that would be refused is quoted too, with why.
   * @throws SubscriptionNotFound, AccountNotFound; `AskTimedOut` and the like when the catalogue is away
   */
  async quote(tenantId: string, command: PlaceOrder, askedBy: string): Promise<QuoteRow> {
    const quote = await this.#draw(tenantId, command);
    return this.quotes.keep({ tenantId, command, quote, askedBy, minutes: this.env.QUOTE_MINUTES });
  }

  async #draw(tenantId: string, command: PlaceOrder): Promise<Quote> {
    try {
      return await this.#drawUp(tenantId, await this.orders.meaningOf(tenantId, command), command);
    } catch (error) {
      const refused = refusalOf(error);
      if (refused) return quoteOfRefused(refused);
      throw error;
    }
  }

  async #drawUp(tenantId: string, meant: MeantOrder, command: PlaceOrder): Promise<Quote> {
    const { ask, connectorId, subscriptionId } = meant;
    const within = this.env.QUOTE_CMP_SECONDS * 1_000;
    const { lost, underWay } = await this.#warnings(tenantId, subscriptionId, ask);
    const rows = this.store.rows(tenantId);
    const context = await readOrderContext(rows, meant);
    const facts = {
      ...meant,
      cmp: await estimateAtCmp(this.connections, { tenantId, connectorId }, ask, within, signsOf(this.env)),
      warnings: [
        ...[lost, underWay].filter((warning) => warning !== null),
        ...meant.warnings,
        ...billingWarnings(context, ask.cmpAccountId),
      ],
      refused: command.dropScheduledChanges ? null : lost,
      ...refundRulesOf(this.env),
    };
    return drawUp(ask, facts, Date.now());
  }

  async #warnings(tenantId: string, subscriptionId: string | null, ask: OrderAsk) {
    if (subscriptionId === null) return { lost: null, underWay: null };
    const rows = this.store.rows(tenantId);
    const lost = changesAtOnce({ ask }) ? await scheduledChangesLost(rows, subscriptionId) : [];
    return { lost: lossReason(lost), underWay: underWayWarning(await ordersUnderWay(rows, subscriptionId)) };
  }
}

function refusalOf(error: unknown): QuotedRefusal | null {
  if (!(error instanceof OrderRefused) && !(error instanceof TenantParametersRefused)) return null;
  const { code, message: detail, nextStep } = error;
  const more = error instanceof OrderRefused ? { offer: error.offer } : { errors: error.errors };
  return { code: code.replace(/^order\./, ''), detail, nextStep, ...more };
}
