import { renewedLots } from '../subscriptions/nce.ts';
import type { SubscriptionState } from '../subscriptions/subscription.ts';
import { watchTerm } from '../subscriptions/term.ts';
import { addPeriod } from '../world/period.ts';
import type { World } from '../world/world.ts';
import { activeSubscription, type OrderKind } from './order-kind.ts';
import { moveOrder, type OrderDraft, type OrderState } from './order.ts';

/** A renewal ordered through the API: the next term is bought before the present one ends. */
export const renewalOrder: OrderKind = {
  draft(world, request) {
    const draft = renewalDraft(activeSubscription(world, request));
    return { ...draft, attributes: request.attributes, poNumber: request.poNumber ?? draft.poNumber };
  },
  complete: completeRenewal,
};

/** A renewal order: no lines, the price of the coming billing period, the previous purchase order number. */
export function renewalDraft(subscription: SubscriptionState): OrderDraft {
  return {
    type: 'renewal',
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    poNumber: subscription.attributes.PONumber,
    attributes: {},
    lines: [],
    totalCents: subscription.products.reduce(
      (sum, { item, quantity }) => sum + item.priceCents * quantity,
      0,
    ),
  };
}

/** The effect of a renewal order: the next term, with a new window for all seats, and the change that waited for it. */
export function completeRenewal(world: World, order: OrderState, at: number): void {
  const renewed = nextRecord(world, world.subscriptions.edit(order.subscriptionId!));
  const from = renewed.termEndsAt ?? at;
  const change = world.orders.scheduledFor(order.subscriptionId!);
  const target = change?.lines[0]?.target ?? change?.lines[0]?.quantity;
  if (change && target !== undefined && renewed.products[0]) {
    moveOrder(change, 'start');
    renewed.products[0].quantity = target;
    moveOrder(change, 'complete');
    change.provisionedAt = at;
  }
  renewed.termStartedAt = from;
  renewed.termEndsAt = addPeriod(from, renewed.term);
  renewed.modifiedAt = at;
  renewed.extended = undefined;
  renewed.lots = renewedLots(renewed.products[0]?.quantity ?? 0, from);
  watchTerm(world, renewed);
}

function nextRecord(world: World, old: SubscriptionState): SubscriptionState {
  if (!world.ground.quirks.monthlyRenewalStartsNewRecord || old.term.type !== 'month') return old;
  const next = world.subscriptions.add((identity) => ({
    ...structuredClone(old),
    ...identity,
    createdAt: old.termEndsAt ?? old.createdAt,
  }));
  old.status = 'removed';
  return next;
}
