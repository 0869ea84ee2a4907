import type { ModelSubscription } from './model-order.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** Seats bought together, as Microsoft counts them: they can be given back for 168 hours. */
export interface ModelLot {
  seats: number;
  at: number;
}

/** Seats that Microsoft would take back now. */
export const returnable = ({ lots }: ModelSubscription, now: number): number =>
  lots.filter(({ at }) => now - at <= 168 * hour).reduce((sum, { seats }) => sum + seats, 0);

/** Whether Microsoft would still undo the whole purchase or renewal. */
export const cancellable = ({ termBegan }: ModelSubscription, now: number): boolean =>
  now - termBegan <= 168 * hour;

/** Another number of seats from now on. Microsoft does not say which seats go first, so that it is drawn for each story. */
export function setSeats(
  subscription: ModelSubscription,
  seats: number,
  now: number,
  goesFirst: 'oldest' | 'youngest',
): void {
  const more = seats - subscription.quantity;
  subscription.quantity = seats;
  if (more > 0) subscription.lots.push({ seats: more, at: now });
  for (let surplus = -more; surplus > 0;) {
    const open = subscription.lots.filter(({ at }) => now - at <= 168 * hour);
    const from = open.length > 0 ? open : subscription.lots;
    const lot = goesFirst === 'oldest' ? from[0]! : from.at(-1)!;
    const taken = Math.min(surplus, lot.seats);
    lot.seats -= taken;
    surplus -= taken;
    subscription.lots = subscription.lots.filter((one) => one.seats > 0);
  }
}

/** The next term: all seats are as good as bought at its beginning. */
export function beginTerm(subscription: ModelSubscription, at: number): void {
  subscription.termBegan = at;
  subscription.renewsAt = at + subscription.termDays * day;
  subscription.lots = [{ seats: subscription.quantity, at }];
}
