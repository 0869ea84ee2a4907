import type { Statements } from '@isthmus/messaging';
import { TenantRows } from '@isthmus/service-kit';
import type { OrderAsk } from '../domain/order/order-ask.ts';
import { reason } from '../domain/order/order-reason.ts';
import { requireTerms } from '../domain/order/order-terms.ts';
import { basisOf } from '../domain/quote/order-basis.ts';
import type { RefundRules } from '../domain/quote/own-estimate.ts';
import { termsAsked, termsOfOrder } from '../domain/quote/terms-of-order.ts';
import { OrderRefused } from '../domain/order-refused.error.ts';
import { changesAtOnce } from '../domain/schedule/after-order.ts';
import { refuseLoss } from '../domain/schedule/lost-changes.ts';
import type { ChangeRules } from '../domain/subscription/facts-for-options.ts';
import { readAgreed } from '../persistence/agreed-subscriptions.ts';
import { billingWarnings, readOrderContext } from '../persistence/order-context.ts';
import { placeOrderWithin } from '../persistence/place-order.ts';
import { plannedChange, type ScheduledChangeRow } from '../persistence/scheduled-change-row.ts';
import { scheduledChangesLost } from '../persistence/scheduled-changes-lost.ts';
import type { SubscriptionRow } from '../persistence/subscription-row.ts';
import { moveScheduledChange } from '../persistence/write-scheduled-change.ts';
import { askOfPlanned } from './foresee-change.ts';

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
