import { moveSubscription, removalDelayDays, type SubscriptionState } from '../subscriptions/subscription.ts';
import type { World } from '../world/world.ts';
import { isNce } from '../subscriptions/nce.ts';
import { moveOrder } from '../orders/order.ts';
import { addPeriod } from '../world/period.ts';
import { renewAutomatically } from './renewal.ts';

const day = 86_400_000;

/** The moment noted for a seeded subscription has come: removal for one that began as terminated, else the end of its term. */
export function comeDue(world: World, index: number, at: number): void {
  const { id, status, termEndsAt } = world.subscriptions.rows.at(index);
  if (termEndsAt !== undefined && termEndsAt < at && status === 'terminated') remove(world, id);
  else endTerm(world, id, at);
}

/** Enters the end of the subscription's term in the agenda. Needed after every change of `termEndsAt`. */
export function watchTerm(world: World, subscription: SubscriptionState): void {
  const { id, termEndsAt } = subscription;
  if (termEndsAt !== undefined) world.agenda.add(termEndsAt, (at) => endTerm(world, id, at));
}

/** Ends a subscription now: its services stop, thirty days later the record counts as removed. No order is made here. */
export function endSubscription(world: World, subscription: SubscriptionState, at: number): void {
  moveSubscription(subscription, 'end');
  withdrawScheduled(world, subscription);
  world.agenda.add(at + removalDelayDays * day, () => remove(world, subscription.id));
}

/** Takes back the change that waits for the renewal, if there is one. */
export function withdrawScheduled(world: World, subscription: SubscriptionState): void {
  const waiting = world.orders.scheduledFor(subscription.id);
  if (waiting) moveOrder(waiting, 'withdraw');
}

function endTerm(world: World, id: string, at: number): void {
  const found = world.subscriptions.find(id);
  // A term that was renewed or cut short meanwhile has another end; the old one means nothing.
  if (found?.status !== 'active' || found.termEndsAt !== at) return;
  const subscription = world.subscriptions.edit(id);
  if (subscription.renewalStatus) renewAutomatically(world, subscription, at);
  else if (runsOn(world, subscription)) extendTerm(world, subscription, at);
  else endSubscription(world, subscription, at);
}

const runsOn = (world: World, { extended, products, term }: SubscriptionState): boolean =>
  world.ground.quirks.extendedServiceTerm &&
  products.some(({ item }) => isNce(item.mpn)) &&
  (extended === true || term.type !== 'month');

/** An unrenewed commitment runs on for a month, without an order, until it is cancelled. Source: Microsoft Learn, "Extended service terms". */
function extendTerm(world: World, subscription: SubscriptionState, at: number): void {
  const month = { type: 'month', duration: 1 } as const;
  withdrawScheduled(world, subscription);
  Object.assign(subscription, {
    extended: true,
    term: month,
    termEndsAt: addPeriod(at, month),
    modifiedAt: at,
  });
  watchTerm(world, subscription);
}

function remove(world: World, id: string): void {
  if (world.subscriptions.find(id)?.status === 'terminated')
    moveSubscription(world.subscriptions.edit(id), 'remove');
}
