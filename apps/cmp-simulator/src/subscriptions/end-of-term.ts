import { renewalDraft } from '../orders/change-orders.ts';
import { fulfil } from '../orders/order-course.ts';
import { addPeriod } from '../world/period.ts';
import type { TermRules, World } from '../world/world.ts';
import { isNce } from './nce.ts';
import type { SubscriptionState } from './subscription.ts';
import { endSubscription, removeTerminated, watchTerm, withdrawScheduled } from './term.ts';

/** What happens to subscriptions as time passes. */
export const termRules: TermRules = { onDue, onTermEnd };

/** When a seeded subscription is due: removal if it began as terminated, otherwise the end of its term. */
function onDue(world: World, index: number, at: number): void {
  const { id, status, termEndsAt } = world.subscriptions.rows.at(index);
  if (termEndsAt !== undefined && termEndsAt < at && status === 'terminated') removeTerminated(world, id);
  else onTermEnd(world, id, at);
}

function onTermEnd(world: World, id: string, at: number): void {
  const found = world.subscriptions.find(id);
  // A term that was renewed or cut short meanwhile has another end; the old one means nothing.
  if (found?.status !== 'active' || found.termEndsAt !== at) return;
  const subscription = world.subscriptions.edit(id);
  if (subscription.renewalStatus) renewAutomatically(world, subscription, at);
  else if (runsOn(world, subscription)) extonTermEnd(world, subscription, at);
  else endSubscription(world, subscription, at);
}

const runsOn = (world: World, { extended, products, term }: SubscriptionState): boolean =>
  world.ground.quirks.extendedServiceTerm &&
  products.some(({ item }) => isNce(item.mpn)) &&
  (extended === true || term.type !== 'month');

/**
 * An unrenewed commitment continues for a month, without an order, until it is cancelled. Source: Microsoft Learn, "Extended
 * service terms".
 */
function extonTermEnd(world: World, subscription: SubscriptionState, at: number): void {
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

/** CMP itself orders the renewal at the end of a term. */
function renewAutomatically(world: World, subscription: SubscriptionState, at: number): void {
  fulfil(world, world.orders.add(renewalDraft(subscription), at), at);
}
