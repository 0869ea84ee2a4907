import { reducibleSeats, reducibleUntil, seatsOf, type SeatLot } from './seat-lots.ts';

/** A decrease of more seats than the open lots hold: how many can go now, until when, and the offer to schedule the rest. */
export interface DecreaseRefusal {
  code: 'decrease-outside-window';
  detail: string;
  nextStep: string;
  /** Seats that can be given up now. */
  seatsNow: number;
  until: number | null;
  /** The total to schedule for the renewal instead. */
  atRenewal: number;
}

/**
 * Why `target` seats cannot be reached now, or nothing when they can.
 * @param held seats there are; without it, what the lots add up to
 */
export function decreaseRefusal(
  lots: readonly SeatLot[],
  target: number,
  now: number,
  held = seatsOf(lots),
): DecreaseRefusal | null {
  const less = held - target;
  const seatsNow = reducibleSeats(lots, now);
  if (less <= seatsNow) return null;
  const until = seatsNow > 0 ? reducibleUntil(lots, seatsNow, now) : null;
  const can =
    until === null
      ? 'No seat can be given up now'
      : `Only ${seatsNow} can be given up now, until ${new Date(until).toISOString()}`;
  return {
    code: 'decrease-outside-window',
    detail: `${less} seats fewer are asked for. ${can}: a seat can go within 168 hours of being added.`,
    nextStep: `${seatsNow > 0 ? `Decrease by ${seatsNow} now and schedule` : 'Schedule'} ${target} seats for the renewal.`,
    seatsNow,
    until,
    atRenewal: target,
  };
}
