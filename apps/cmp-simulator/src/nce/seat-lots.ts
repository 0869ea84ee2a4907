import { withinWindow } from './cancellation-window.ts';

/** Seats that were added together: each addition has its own window in which it may be taken back. */
export interface SeatLot {
  quantity: number;
  addedAt: number;
}

/**
 * How many seats may be given up at an instant: those added less than seven days ago.
 * Source: Microsoft Learn, "Create a new subscription": seats can be reduced within seven days of the purchase,
 * the renewal or the mid-term addition that brought them, otherwise at the next renewal.
 */
export function reducibleSeats(lots: readonly SeatLot[], at: number): number {
  return lots.reduce((sum, lot) => sum + (withinWindow(lot.addedAt, at) ? lot.quantity : 0), 0);
}

/** The lots after `quantity` seats were added, or after -`quantity` were taken from the youngest lots. */
export function changeLots(lots: readonly SeatLot[], quantity: number, at: number): SeatLot[] {
  if (quantity >= 0) return quantity === 0 ? [...lots] : [...lots, { quantity, addedAt: at }];
  let left = -quantity;
  const kept: SeatLot[] = [];
  for (const lot of [...lots].sort((a, b) => b.addedAt - a.addedAt)) {
    const taken = Math.min(left, lot.quantity);
    left -= taken;
    if (lot.quantity > taken) kept.unshift({ ...lot, quantity: lot.quantity - taken });
  }
  return kept;
}

/** At a renewal all seats count as bought anew: one lot, one window. */
export function renewedLots(quantity: number, at: number): SeatLot[] {
  return [{ quantity, addedAt: at }];
}
