import { RetryLoop } from '@isthmus/messaging';
import { actingAs, TenantRows } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { readRefundRules, SubscriptionLifecycleEnv } from '../config.ts';
import { readOrderContext } from '../orders/order-queries.store.ts';
import { billingWarnings } from '../orders/order-events.ts';
import { OrderRefused } from '../orders/order.errors.ts';
import { placeOrderWithin } from '../orders/order.store.ts';
import { type OrderSpec, reason } from '../orders/order.ts';
import { ChangeRulesSource } from '../orders/resolving/order-resolver.service.ts';
import { requireTerms } from '../orders/resolving/order-command.ts';
import { orderTerms, type RefundRules, requestedTerms, subscriptionBasis } from '../quotes/estimate.ts';
import type { ChangeRules } from '../subscriptions/rules/options.ts';
import type { SubscriptionRow } from '../subscriptions/subscription.entity.ts';
import { readAgreed } from '../subscriptions/subscription.store.ts';
import { changesAtOnce, plannedChange, refuseLoss, specForScheduled } from './scheduled-change.ts';
import type { ScheduledChangeRow } from './scheduled-change.entity.ts';
import { DueChanges, moveScheduledChange, scheduledChangesLost } from './scheduled-change.store.ts';

/** Places the orders of scheduled changes when their time has come. */
@Injectable()
export class OrderDueChanges implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #loop: RetryLoop;

  constructor(
    due: DueChanges,
    rules: ChangeRulesSource,
    private readonly env: SubscriptionLifecycleEnv,
  ) {
    const settings = {
      rules: rules.settings,
      tolerancePercent: env.PRICE_TOLERANCE_PERCENT,
      ...readRefundRules(env),
    };
    this.#loop = new RetryLoop({
      name: 'Ordering scheduled changes that are due',
      run: () => due.takeOne((em, row, now) => executeDueChange(em, row, now, settings)),
      idleMs: env.SCHEDULE_POLL_MS,
      log: new Logger(OrderDueChanges.name),
    });
  }

  onApplicationBootstrap(): void {
    if (this.env.SCHEDULE_POLL_MS > 0) this.#loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#loop.stop();
  }
}

/** Rules for estimating the price of an order, and the percentage by which CMP's price may differ. */
export interface PriceRules extends RefundRules {
  tolerancePercent: number;
}

type ExecutionSettings = Partial<PriceRules> & { rules?: ChangeRules };

const defaultSettings = { tolerancePercent: 0, fullRefundFirstDay: false, rules: {} };

/**
 * Orders what a scheduled change requests, in the transaction that has its row locked: the order, the status and the event are
 * written together or not at all, and the database rejects a second order for it. A change that can no longer be ordered fails,
 * with the reason.
 */
export async function executeDueChange(
  em: EntityManager,
  row: ScheduledChangeRow,
  now: number,
  settings: ExecutionSettings = {},
): Promise<void> {
  const { tolerancePercent, rules, ...refundRules } = { ...defaultSettings, ...settings };
  const { tenantId, connectorId, subscriptionId, requestedBy, correlationId, dropScheduledChanges } = row;
  const rows = TenantRows.within(em, tenantId);
  const subscription = await readAgreed(em, tenantId, subscriptionId);
  const spec = await specFor(rows, row, subscription, now, rules);
  if (spec instanceof OrderRefused) {
    const why = reason(spec.code.replace(/^order\./, ''), spec.message, spec.nextStep);
    await moveScheduledChange(em, row, 'fail', { reason: why });
    return;
  }
  const basis = subscriptionBasis(subscription.state);
  const context = await readOrderContext(rows, { connectorId, subscriptionId, spec });
  const placement = {
    terms: orderTerms(spec, basis, null, tolerancePercent, refundRules, now),
    warnings: billingWarnings(context, spec.cmpAccountId),
    ...{ basis, guard: context.guard, canQuote: false },
    tenantId,
    connectorId,
    subscriptionId,
    spec,
    consent: { highestTotal: null, extraProducts: [], dropScheduledChanges },
    requestedBy,
    correlationId,
    scheduledChangeId: row.id,
  };
  // The order is placed on behalf of the user who planned it, although no user is involved now.
  const planner = { subject: requestedBy, channel: 'job', role: null } as const;
  const orderId = await actingAs(planner, () => placeOrderWithin(em, placement));
  await moveScheduledChange(em, row, 'order', { orderId });
}

async function specFor(
  rows: TenantRows,
  row: ScheduledChangeRow,
  subscription: SubscriptionRow,
  now: number,
  rules: ChangeRules,
): Promise<OrderSpec | OrderRefused> {
  try {
    const spec = specForScheduled(plannedChange(row), subscription, now, rules);
    requireTerms(
      { term: row.term, billingPeriod: row.billingPeriod },
      {
        ...requestedTerms(spec, subscriptionBasis(subscription.state)),
        name: 'now one',
      },
      `subscription ${subscription.name}`,
      'The subscription has changed since this was scheduled. Check its product, term and price, and schedule the change again.',
    );
    if (changesAtOnce({ spec }) && !row.dropScheduledChanges)
      refuseLoss(await scheduledChangesLost(rows, subscription.id));
    return spec;
  } catch (error) {
    if (error instanceof OrderRefused) return error;
    throw error;
  }
}
