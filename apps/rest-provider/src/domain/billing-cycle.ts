import { Period } from '@isthmus/domain';
import { BillingCycleType } from './wire-enums.ts';

const cycles: readonly (readonly [period: string, cycle: number])[] = [
  ['P1M', BillingCycleType.Monthly],
  ['P1Y', BillingCycleType.Annual],
  ['P3Y', BillingCycleType.Triennial],
];

/** The contract's number of an ISO 8601 period; Unknown for those it has no word for. */
export function cycleOf(period: string | undefined): number {
  const told = period ? Period.read(period) : undefined;
  if (!told) return BillingCycleType.Unknown;
  const found = cycles.find(([known]) => Period.equals(Period.parse(known), told));
  return found?.[1] ?? BillingCycleType.Unknown;
}

/** The billing period to look a product up by; nothing where the cycle does not say one. */
export const periodOf = (cycle: number | null): string | undefined =>
  cycles.find(([, known]) => known === cycle)?.[0];
