/** Seats that were added together. Each addition has its own window in which it may be returned. */
export interface SeatLot {
  seats: number;
  /** Milliseconds, UTC. Where the addition was not seen: the earliest moment it can have been, so that no offer is too late. */
  addedAt: number;
  /** The line, if the subscription has several: CMP's product id, otherwise the MPN. */
  line?: string;
}

/** The identifier of a product line. */
export const lineKey = ({ cmpProductId, mpn }: { cmpProductId?: string | undefined; mpn: string }): string =>
  cmpProductId || mpn;

/** The lots of one line; those without a name are of the only one. */
export const lotsForLine = (lots: readonly SeatLot[], line: Parameters<typeof lineKey>[0]): SeatLot[] =>
  lots.filter((lot) => lot.line === undefined || lot.line === lineKey(line));

export const totalSeats = (lots: readonly SeatLot[]): number =>
  lots.reduce((sum, { seats }) => sum + seats, 0);

/**
 * The seats that can be returned now. Source: Microsoft Learn, "Create a new subscription": seats can be reduced within
 * seven days of the purchase, renewal or addition that added them; otherwise at the next renewal.
 */
export const reducibleSeats = (lots: readonly SeatLot[], now: number): number =>
  totalSeats(lots.filter(({ addedAt }) => windowOpen(addedAt, now)));

/** Returns the time at which the next window closes, with its seats; null if none is open. */
export function nextClosing(lots: readonly SeatLot[], now: number): { at: number; seats: number } | null {
  const open = lots.filter(({ addedAt }) => windowOpen(addedAt, now));
  if (open.length === 0) return null;
  const at = Math.min(...open.map(({ addedAt }) => windowCloses(addedAt)));
  return { at, seats: totalSeats(open.filter(({ addedAt }) => windowCloses(addedAt) === at)) };
}

/** Until when at least `seats` can be given back at once; nothing when they cannot even now. */
export function reducibleUntil(lots: readonly SeatLot[], seats: number, now: number): number | null {
  let sum = 0;
  const open = lots.filter(({ addedAt }) => windowOpen(addedAt, now));
  for (const lot of open.toSorted((a, b) => b.addedAt - a.addedAt)) {
    sum += lot.seats;
    if (sum >= seats) return windowCloses(lot.addedAt);
  }
  return null;
}

/**
 * The lots at a new total. More seats are a new lot. Fewer are taken from the youngest first: Microsoft does not document
 * which, and this way the remaining ones close earliest, so that we never offer a window that has closed.
 */
export function lotsAt(lots: readonly SeatLot[], total: number, at: number): SeatLot[] {
  const change = total - totalSeats(lots);
  if (change >= 0) return change === 0 ? [...lots] : [...lots, { seats: change, addedAt: at }];
  let surplus = -change;
  const kept: SeatLot[] = [];
  for (const lot of lots.toSorted((a, b) => b.addedAt - a.addedAt)) {
    const taken = Math.min(surplus, lot.seats);
    surplus -= taken;
    if (lot.seats > taken) kept.unshift({ ...lot, seats: lot.seats - taken });
  }
  return kept;
}

/** A renewal counts as buying all seats again: one lot, one window. */
export const lotsAtRenewal = (total: number, termStartedAt: number): SeatLot[] =>
  total > 0 ? [{ seats: total, addedAt: termStartedAt }] : [];

const minute = 60_000;
const windowMs = 168 * 60 * minute;

/**
 * Returns the time from which seats added, or a term begun, at `openedAt` can no longer be returned: 168 hours later, to the
 * minute, UTC. Sources: Ingram Micro, NCE FAQ ("seven-day (168 hours)"); Microsoft Learn, new commerce cancellation policy.
 */
export const windowCloses = (openedAt: number): number => Math.floor(openedAt / minute) * minute + windowMs;

/**
 * A window counts as closed from its last minute on, although Microsoft may still accept an order within that minute: an order
 * needs time to get there, and what we offer should succeed.
 */
export const windowOpen = (openedAt: number, now: number): boolean => now < windowCloses(openedAt);

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
 * The reason why `target` seats cannot be reached now; null if they can.
 * @param held seats there are; without it, what the lots add up to
 */
export function decreaseRefusal(
  lots: readonly SeatLot[],
  target: number,
  now: number,
  currentSeats = totalSeats(lots),
): DecreaseRefusal | null {
  const less = currentSeats - target;
  const seatsNow = reducibleSeats(lots, now);
  if (less <= seatsNow) return null;
  const until = seatsNow > 0 ? reducibleUntil(lots, seatsNow, now) : null;
  const can =
    until === null
      ? 'No seat can be returned now'
      : `Only ${seatsNow} can be returned now, until ${new Date(until).toISOString()}`;
  return {
    code: 'decrease-outside-window',
    detail: `The request removes ${less} seats. ${can}: a seat can be returned within 168 hours of being added.`,
    nextStep: `${seatsNow > 0 ? `Decrease by ${seatsNow} now and schedule` : 'Schedule'} ${target} seats for the renewal.`,
    seatsNow,
    until,
    atRenewal: target,
  };
}
