/** The end of some legacy part numbers, and the billing period it speaks of. */
const periods = { _ANNUAL: 'P1Y', _MONTHLY: 'P1M' } as const;

export interface PeriodSuffix {
  /** The mpn without the suffix. */
  stem: string;
  billingPeriod: (typeof periods)[keyof typeof periods];
}

/**
 * Reads `…_ANNUAL` and `…_MONTHLY`, in any case; undefined without one. Only the catalogue tells whether CMP's own mpn has it too.
 * Source: Work 365, Ingram provider integration, "Products for IngramMicro".
 */
export function periodSuffix(mpn: string): PeriodSuffix | undefined {
  const match = /^(.+)(_ANNUAL|_MONTHLY)$/is.exec(mpn);
  if (!match) return undefined;
  return { stem: match[1]!, billingPeriod: periods[match[2]!.toUpperCase() as keyof typeof periods] };
}
