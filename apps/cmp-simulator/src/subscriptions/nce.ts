const productAndSku = /^CFQ7TTC0[0-9A-Z]{4}:[0-9A-Z]{4}$/;

/** Whether a part number is one of Microsoft's new commerce ones (productId:skuId); the rules of the window apply to those only. */
export function isNce(mpn: string): boolean {
  return productAndSku.test(mpn);
}

/** Seven days are 168 hours to the minuteMs: bought at 11:00 on the 15th, open until 11:00 on the 22nd. */
const windowHours = 168;

const minuteMs = 60_000;

/**
 * Whether seats or a subscription bought at `openedAt` can still be returned at `at`. Minutes count, seconds do not. Source:
 * Ingram Micro's NCE FAQ ("seven-day (168 hours)"); Microsoft Learn, new commerce cancellation policy.
 */
export function withinWindow(openedAt: number, at: number): boolean {
  return Math.floor(at / minuteMs) <= Math.floor(openedAt / minuteMs) + windowHours * 60;
}

/** Seats that were added together: each addition has its own window in which it may be taken back. */
export interface SeatLot {
  quantity: number;
  addedAt: number;
}

/**
 * How many seats may be returned at a given time: those added less than seven days ago. Source: Microsoft Learn, "Create a
 * new subscription": seats can be reduced within seven days of the purchase, the renewal or the mid-term addition that added
 * them, otherwise at the next renewal.
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

/** At a renewal all seats count as newly bought: one lot, one window. */
export function renewedLots(quantity: number, at: number): SeatLot[] {
  return [{ quantity, addedAt: at }];
}

const dayMs = 86_400_000;

/** What a cancellation within the window refunds. */
interface RefundTerms {
  /** Price of the whole billing period, in cents. */
  paidCents: number;
  periodStartedAt: number;
  periodEndsAt: number;
  /**
   * Some partners publish "full refund in the first 24 hours, prorated later"; according to Microsoft's own page it is
   * prorated.
   */
  fullFirstDay: boolean;
}

/** The refund in cents, prorated daily: a started dayMs is used. Source: Microsoft Learn, "Create a new subscription". */
export function refundCents(
  { paidCents, periodStartedAt, periodEndsAt, fullFirstDay }: RefundTerms,
  at: number,
): number {
  const age = at - periodStartedAt;
  if (fullFirstDay && age <= dayMs) return paidCents;
  const days = Math.round((periodEndsAt - periodStartedAt) / dayMs);
  const used = Math.min(days, Math.floor(age / dayMs) + 1);
  return Math.round((paidCents * (days - used)) / days);
}
