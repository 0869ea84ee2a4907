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

/** A member's number out of a number, a number in text, or its name in any case; anything else as it is, to be refused. */
export function readEnum(members: WireEnum, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Number(text);
  const name = Object.keys(members).find((known) => known.toLowerCase() === text.toLowerCase());
  return name === undefined ? value : members[name];
}
