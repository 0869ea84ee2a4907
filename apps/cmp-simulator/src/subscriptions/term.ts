import { moveOrder } from '../orders/order.ts';
import type { World } from '../world/world.ts';
import { moveSubscription, removalDelayDays, type SubscriptionState } from './subscription.ts';

const day = 86_400_000;

/** Enters the end of the subscription's term in the agenda. Needed after every change of `termEndsAt`. */
export function watchTerm(world: World, subscription: SubscriptionState): void {
  const { id, termEndsAt } = subscription;
  if (termEndsAt !== undefined) world.agenda.add(termEndsAt, (at) => world.rules.onTermEnd(world, id, at));
}

/** Ends a subscription now: its services stop, thirty days later the record counts as removed. No order is made here. */
export function endSubscription(world: World, subscription: SubscriptionState, at: number): void {
  moveSubscription(subscription, 'end');
  withdrawScheduled(world, subscription);
  world.agenda.add(at + removalDelayDays * day, () => removeTerminated(world, subscription.id));
}

/** Takes back the change that waits for the renewal, if there is one. */
export function withdrawScheduled(world: World, subscription: SubscriptionState): void {
  const waiting = world.orders.scheduledFor(subscription.id);
  if (waiting) moveOrder(waiting, 'withdraw');
}

/** The record counts as removed from now on, unless it is not terminated any more. */
export function removeTerminated(world: World, id: string): void {
  if (world.subscriptions.find(id)?.status === 'terminated')
    moveSubscription(world.subscriptions.edit(id), 'remove');
}
