const day = 86_400_000;

/** What a cancellation inside the window gives back. */
export interface RefundTerms {
  /** Price of the whole billing period, in cents. */
  paidCents: number;
  periodStartedAt: number;
  periodEndsAt: number;
  /** Some partners publish "full refund in the first 24 hours, prorated later"; Microsoft's own page says prorated. */
  fullFirstDay: boolean;
}

/** The refund in cents, prorated daily: a started day is used. Source: Microsoft Learn, "Create a new subscription". */
export function refundCents(
  { paidCents, periodStartedAt, periodEndsAt, fullFirstDay }: RefundTerms,
  at: number,
): number {
  const age = at - periodStartedAt;
  if (fullFirstDay && age <= day) return paidCents;
  const days = Math.round((periodEndsAt - periodStartedAt) / day);
  const used = Math.min(days, Math.floor(age / day) + 1);
  return Math.round((paidCents * (days - used)) / days);
}
