export interface BreakerLimits {
  /** This many endings in one run are always allowed. */
  rows: number;
  /** Beyond that, this share of the live records (0…1). */
  share: number;
}

/** How many live records one run may end: the limit, or what a person has approved if that is more. */
export const endingsAllowed = (limits: BreakerLimits, live: number, approved: number): number =>
  Math.max(limits.rows, Math.floor(live * limits.share), approved);
