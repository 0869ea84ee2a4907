export interface BreakerLimits {
  /** This many endings in one run are always allowed. */
  rows: number;
  /** Beyond that, this share of the live records (0…1). */
  share: number;
  /** The same of seats taken away from live subscriptions; without it they are not counted. */
  seats?: { rows: number; share: number };
}

/** How many of the live records (or seats) one run may take away: the limit, or what a person has approved if that is more. */
export const endingsAllowed = (
  limits: Pick<BreakerLimits, 'rows' | 'share'>,
  live: number,
  approved: number,
): number => Math.max(limits.rows, Math.floor(live * limits.share), approved);
