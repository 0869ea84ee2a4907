import type { OrderRecord } from '../order/order-record.ts';

/** Seats of a subscription before and after news of it, and when CMP was read for that. */
export interface SeatsSeen {
  before: number | undefined;
  after: number | undefined;
  asOf: number;
}

/** What an order of ours explains of a change of seats. */
export interface Explained {
  /** When the seats can have been added at the earliest; absent when other changes came in between. */
  changedAt?: number;
}

/**
 * Whether a settled order of ours brought about the seats in the news; one that was completed after CMP was read did not.
 *
 * Microsoft counts from when it carried the order out, which may have been hours before we saw it completed: only the
 * sending is surely not later. And only if the order began with the seats known before is it the whole difference.
 */
export function changedByOrder(
  { ask, completedAt, firstSentAt, seatsBefore }: OrderRecord,
  { before, after, asOf }: SeatsSeen,
): Explained | null {
  if (ask.kind !== 'change-quantity' || completedAt === null || completedAt > asOf) return null;
  if (after !== ask.seats) return null;
  const whole = firstSentAt !== null && seatsBefore !== null && seatsBefore === before;
  return whole ? { changedAt: firstSentAt } : {};
}
