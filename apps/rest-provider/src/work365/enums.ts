import { Period } from '@isthmus/domain';

/** The contract's enumerations; on the wire they are their numbers. */
export const BillingCycleType = {
  Unknown: 0,
  Monthly: 1,
  Annual: 2,
  None: 3,
  OneTime: 4,
  Triennial: 5,
} as const;
export const BillingType = {
  LicenseBased: 1,
  UsageBased: 2,
  ServiceBased: 3,
  TieredBased: 4,
  NonRecurringItem: 5,
} as const;
export const SubscriptionStatus = { Active: 1, Suspended: 2, Cancelled: 3, Expired: 4 } as const;
export const AddressValidationStatus = { Success: 0, Error: 1, CouldNotValidate: 2 } as const;

export type WireEnum = Readonly<Record<string, number>>;

/** A member's number from a number, a number in text, or its name in any case; anything else unchanged, to be refused. */
export function parseEnumMember(members: WireEnum, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Number(text);
  const name = Object.keys(members).find((known) => known.toLowerCase() === text.toLowerCase());
  return name === undefined ? value : members[name];
}

const cycles: readonly (readonly [period: string, cycle: number])[] = [
  ['P1M', BillingCycleType.Monthly],
  ['P1Y', BillingCycleType.Annual],
  ['P3Y', BillingCycleType.Triennial],
];

/** The API's number for an ISO 8601 period; Unknown if it has none. */
export function toBillingCycle(period: string | undefined): number {
  const parsed = period ? Period.read(period) : undefined;
  if (!parsed) return BillingCycleType.Unknown;
  const found = cycles.find(([known]) => Period.equals(Period.parse(known), parsed));
  return found?.[1] ?? BillingCycleType.Unknown;
}

/** The billing period by which to look up a product; undefined if the cycle has none. */
export const toBillingPeriod = (cycle: number | null): string | undefined =>
  cycles.find(([, known]) => known === cycle)?.[0];
