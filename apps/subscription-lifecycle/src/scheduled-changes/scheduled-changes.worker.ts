import { systemClock } from '@isthmus/domain';
import type { Statements } from '@isthmus/messaging';
import { TenantRows } from '@isthmus/service-kit';
import { inTransaction } from '@isthmus/sync-engine';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Pool } from 'pg';
import { refundRulesOf, SubscriptionLifecycleEnv } from '../config.ts';
import type { ChangeRules } from '../subscriptions/rules/options.ts';
import { billingWarnings, readOrderContext } from '../orders/order-queries.store.ts';
import { OrderRefused } from '../orders/order.errors.ts';
import { placeOrderWithin } from '../orders/order.store.ts';
import { type OrderAsk, reason } from '../orders/order.ts';
import { ChangeRulesOf } from '../orders/resolving/order-resolver.service.ts';
import { requireTerms } from '../orders/resolving/order-terms.ts';
import { readAgreed, type SubscriptionRow } from '../subscriptions/subscription.store.ts';
import { basisOf, type RefundRules, termsAsked, termsOfOrder } from '../quotes/estimate.ts';
import { askOfPlanned } from './planned-order.ts';
import { moveScheduledChange, scheduledChangesLost } from './scheduled-change.store.ts';
import {
  changesAtOnce,
  plannedChange,
  refuseLoss,
  scheduledChangeColumns,
  type ScheduledChangeRow,
} from './scheduled-change.ts';

/** Places the orders of scheduled changes when their time has come. */
@Injectable()
export class OrderDueChanges implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(OrderDueChanges.name);
  readonly #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(
    private readonly due: DueChanges,
    private readonly rules: ChangeRulesOf,
    private readonly env: SubscriptionLifecycleEnv,
  ) {}

  onApplicationBootstrap(): void {
    if (this.env.SCHEDULE_POLL_MS > 0) this.#work = this.#look(this.env.SCHEDULE_POLL_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  async #look(everyMs: number): Promise<void> {
    const settings = {
      rules: this.rules.settings,
      tolerancePercent: this.env.PRICE_TOLERANCE_PERCENT,
      ...refundRulesOf(this.env),
    };
    while (!this.#stop.signal.aborted) {
      try {
        if (await this.due.takeOne((client, row, now) => carryOut(client, row, now, settings))) continue;
      } catch (error) {
        this.#log.error('Scheduled changes that are due could not be ordered; they are tried again.', error);
      }
      await systemClock.sleep(everyMs, this.#stop.signal).catch(() => undefined);
    }
  }
}

export type CarryOut = (client: Statements, row: ScheduledChangeRow, now: number) => Promise<void>;

/** Scheduled changes whose time has come, by the database's clock. Any number of workers may take them at once. */
@Injectable()
export class DueChanges {
  constructor(private readonly pool: Pool) {}

  /**
   * Takes one and carries it out in the same transaction: whoever dies in between leaves it as it was. One that throws is
   * put off, so that it does not stand in the way of the others; the error goes on to the caller.
   * @returns false when none is due that nobody else is at
   */
  async takeOne(carryOut: CarryOut): Promise<boolean> {
    let taken: string | undefined;
    try {
      return await inTransaction(this.pool, async (client) => {
        const { rows } = await client.query<DueRow>(claim);
        if (!rows[0]) return false;
        const { nowMs, ...row } = rows[0];
        taken = row.id;
        await carryOut(client, row, Number(nowMs));
        return true;
      });
    } catch (error) {
      if (taken) await this.pool.query(putOff, [taken]);
      throw error;
    }
  }
}

type DueRow = ScheduledChangeRow & { nowMs: string };

const claim = `
  select ${scheduledChangeColumns}, floor(extract(epoch from now()) * 1000) as "nowMs" from scheduled_changes c
  where next_try_at <= now() order by next_try_at limit 1 for update skip locked`;

const putOff = `
  update scheduled_changes set next_try_at = now() + interval '1 minute' where id = $1 and next_try_at is not null`;

/** How the price of an order is estimated, and by how much, in percent, CMP's may differ. */
export interface PriceRules extends RefundRules {
  tolerancePercent: number;
}

type CarryOutSettings = Partial<PriceRules> & { rules?: ChangeRules };

const defaultSettings = { tolerancePercent: 0, fullRefundFirstDay: false, rules: {} };

/**
 * Orders what a scheduled change asks for, in the transaction that has its row locked: the order, the status and the event
 * come about together or not at all, and a second order for it is refused by the database. What cannot be ordered any
 * more has failed, with the reason.
 */
export async function carryOut(
  client: Statements,
  row: ScheduledChangeRow,
  now: number,
  settings: CarryOutSettings = {},
): Promise<void> {
  const { tolerancePercent, rules, ...refundRules } = { ...defaultSettings, ...settings };
  const { tenantId, connectorId, subscriptionId, askedBy, correlationId, dropScheduledChanges } = row;
  const rows = TenantRows.of(client, tenantId);
  const subscription = await readAgreed(rows, subscriptionId);
  const asked = await askFor(rows, row, subscription, now, rules);
  if (asked instanceof OrderRefused) {
    const why = reason(asked.code.replace(/^order\./, ''), asked.message, asked.nextStep);
    await moveScheduledChange(client, row, 'fail', { reason: why });
    return;
  }
  const basis = basisOf(subscription.state);
  const context = await readOrderContext(rows, { connectorId, subscriptionId, ask: asked });
  const orderId = await placeOrderWithin(client, {
    terms: termsOfOrder(asked, basis, null, tolerancePercent, refundRules, now),
    warnings: billingWarnings(context, asked.cmpAccountId),
    tenantId,
    connectorId,
    subscriptionId,
    ask: asked,
    consent: { highestTotal: null, extraProducts: [], dropScheduledChanges },
    askedBy,
    correlationId,
    scheduledChangeId: row.id,
  });
  await moveScheduledChange(client, row, 'order', { orderId });
}

async function askFor(
  rows: TenantRows,
  row: ScheduledChangeRow,
  subscription: SubscriptionRow,
  now: number,
  rules: ChangeRules,
): Promise<OrderAsk | OrderRefused> {
  try {
    const ask = askOfPlanned(plannedChange(row), subscription, now, rules);
    requireTerms(
      { term: row.term, billingPeriod: row.billingPeriod },
      {
        ...termsAsked(ask, basisOf(subscription.state)),
        name: 'now one',
      },
      `subscription ${subscription.name}`,
      'The subscription was changed since this was planned. Look at its product, term and price, and plan the change again.',
    );
    if (changesAtOnce({ ask }) && !row.dropScheduledChanges)
      refuseLoss(await scheduledChangesLost(rows, subscription.id));
    return ask;
  } catch (error) {
    if (error instanceof OrderRefused) return error;
    throw error;
  }
}
