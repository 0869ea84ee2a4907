import {
  changeLots,
  isNce,
  reducibleSeats,
  refundCents,
  renewedLots,
  withinWindow,
} from '../subscriptions/nce.ts';
import {
  billingPeriodAt,
  type SubscribedProduct,
  shareLeft,
  type SubscriptionState,
} from '../subscriptions/subscription.ts';
import { endSubscription, watchTerm, withdrawScheduled } from '../subscriptions/term.ts';
import { CmpRefusal } from '../wire/errors.ts';
import { addPeriod } from '../world/period.ts';
import type { World } from '../world/world.ts';
import { activeSubscription, type OrderKind, resolveProduct } from './order-kind.ts';
import type { LineRequest } from './order-request.ts';
import { moveOrder, type OrderDraft, type OrderLine, type OrderState } from './order.ts';

/** More or fewer seats, at once or at the next renewal. */
export const changeOrder: OrderKind = {
  draft(world, request) {
    const subscription = activeSubscription(world, request);
    const scheduled = request.scheduledOn !== undefined;
    const lines = request.products.map((line) => draftChange(world, subscription, line, scheduled));
    if (lines.length === 0)
      throw new CmpRefusal(400, 'Products must be specified for the order of type change.');
    return {
      type: 'change',
      customerId: subscription.customerId,
      subscriptionId: subscription.id,
      poNumber: request.poNumber,
      attributes: request.attributes,
      ...(scheduled ? { scheduledOn: 'renewal' } : {}),
      lines,
      totalCents: lines.reduce((sum, line) => sum + line.amountCents, 0),
    };
  },
  placed(world, order) {
    // Microsoft drops scheduled changes when something is changed at once.
    if (!order.scheduledOn) withdrawScheduled(world, world.subscriptions.edit(order.subscriptionId!));
  },
  complete(world, order, at) {
    const subscription = world.subscriptions.edit(order.subscriptionId!);
    for (const { item, target } of order.lines) {
      const subscribed = subscription.products.find((product) => product.item.id === item.id);
      if (!subscribed || target === undefined) continue;
      if (subscribed === subscription.products[0])
        subscription.lots = changeLots(subscription.lots, target - subscribed.quantity, at);
      subscribed.quantity = target;
    }
    subscription.modifiedAt = at;
  },
};

function draftChange(
  world: World,
  subscription: SubscriptionState,
  line: LineRequest,
  scheduled: boolean,
): OrderLine {
  const item = resolveProduct(world, line);
  const subscribed = subscription.products.find((product) => product.item.id === item.id);
  if (!subscribed)
    throw new CmpRefusal(
      400,
      `Product ${item.mpn} (${item.id}) is not part of Subscription #${subscription.id}.`,
    );
  const total =
    world.ground.quirks.changeQuantity === 'total' ? line.quantity : subscribed.quantity + line.quantity;
  if (!Number.isInteger(total) || total < item.minimum || total > item.maximum)
    throw new CmpRefusal(
      400,
      `Quantity ${total} of product ${item.mpn} must be a whole number from ${item.minimum} to ${item.maximum}.`,
    );
  const delta = total - subscribed.quantity;
  if (delta === 0 && !scheduled)
    throw new CmpRefusal(
      400,
      `Subscription #${subscription.id} already has ${total} of product ${item.mpn}.`,
    );
  if (!scheduled) refuseLateDecrease(world, subscription, subscribed, delta);
  const now = world.now();
  const from = scheduled ? (subscription.termEndsAt ?? now) : now;
  const span = billingPeriodAt(subscription, now);
  return {
    item,
    quantity: scheduled ? total : delta,
    target: total,
    amountCents: Math.round(item.priceCents * (scheduled ? total : delta * shareLeft(span, now))),
    subscriptionId: subscription.id,
    from,
    until: scheduled ? addPeriod(from, subscription.billing) : span.until,
  };
}

function refuseLateDecrease(
  world: World,
  subscription: SubscriptionState,
  subscribed: SubscribedProduct,
  delta: number,
): void {
  if (delta >= 0 || !isNce(subscribed.item.mpn) || subscription.extended) return;
  const reducible = reducibleSeats(subscription.lots, world.now());
  if (-delta > reducible)
    throw new CmpRefusal(
      world.ground.quirks.refusalStatus,
      `Cannot Upgrade/Downgrade Resources for Subscription #${subscription.id}: quantity decrease is not allowed outside of the cancellation window.`,
    );
}

/** Ends a subscription now: NCE inside the window only, with a prorated refund; anything else at any time, without one. */
export const cancellationOrder: OrderKind = {
  draft(world, request) {
    const subscription = activeSubscription(world, request);
    const nce = subscription.products.some(({ item }) => isNce(item.mpn));
    if (
      nce &&
      !subscription.extended &&
      !withinWindow(subscription.termStartedAt ?? world.now(), world.now())
    )
      throw new CmpRefusal(
        world.ground.quirks.refusalStatus,
        `Cannot cancel Subscription #${subscription.id}: cancellation is not allowed outside of the cancellation window.`,
      );
    return {
      type: 'cancellation',
      customerId: subscription.customerId,
      subscriptionId: subscription.id,
      poNumber: request.poNumber,
      attributes: request.attributes,
      lines: [],
      totalCents: nce ? -refundFor(world, subscription) : 0,
    };
  },
  complete(world, order, at) {
    const subscription = world.subscriptions.edit(order.subscriptionId!);
    subscription.renewalStatus = false;
    subscription.modifiedAt = at;
    endSubscription(world, subscription, at);
  },
};

function refundFor(world: World, subscription: SubscriptionState): number {
  const { from, until } = billingPeriodAt(subscription, world.now());
  const paidCents = subscription.products.reduce(
    (sum, { item, quantity }) => sum + item.priceCents * quantity,
    0,
  );
  const terms = {
    paidCents,
    periodStartedAt: from,
    periodEndsAt: until,
    fullFirstDay: world.ground.quirks.fullRefundFirstDay,
  };
  return refundCents(terms, world.now());
}

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
