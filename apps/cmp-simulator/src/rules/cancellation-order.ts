import { isNce, refundCents, withinWindow } from '../subscriptions/nce.ts';
import { CmpRefusal } from '../wire/errors.ts';
import { billingPeriodAt, type SubscriptionState } from '../subscriptions/subscription.ts';
import type { World } from '../world/world.ts';
import { activeSubscription } from './active-subscription.ts';
import { endSubscription } from './end-of-term.ts';
import type { OrderKind } from './order-kinds.ts';

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
      totalCents: nce ? -refund(world, subscription) : 0,
    };
  },
  complete(world, order, at) {
    const subscription = world.subscriptions.edit(order.subscriptionId!);
    subscription.renewalStatus = false;
    subscription.modifiedAt = at;
    endSubscription(world, subscription, at);
  },
};

function refund(world: World, subscription: SubscriptionState): number {
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
