import type { OrderRecord } from '../order/order-record.ts';

/** Seats of a subscription after news of it, and when CMP was read for that. */
export interface SeatsSeen {
  after: number | undefined;
  asOf: number;
}

/** Whether a settled order of ours brought about the seats in the news; one that was completed after CMP was read did not. */
export const changedByOrder = ({ ask, completedAt }: OrderRecord, { after, asOf }: SeatsSeen): boolean =>
  ask.kind === 'change-quantity' && completedAt !== null && completedAt <= asOf && after === ask.seats;
