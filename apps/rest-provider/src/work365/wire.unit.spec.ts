import type { OrderStateV1 } from '@isthmus/contracts';
import fc from 'fast-check';
import { parseMicrosoftDomain } from '../customers/customer-rules.ts';
import { keyOfPurchase, progressOf, type Purchase } from '../write-intents/write-intent.ts';
import {
  BillingCycleType,
  BillingType,
  parseEnumMember,
  SubscriptionStatus,
  toBillingCycle,
  toBillingPeriod,
} from './enums.ts';

describe('an enumeration', () => {
  it.each([BillingCycleType, BillingType, SubscriptionStatus])(
    'is read as number, text and name',
    (members) => {
      for (const [name, number] of Object.entries(members))
        for (const written of [
          number,
          String(number),
          ` ${number} `,
          name,
          name.toUpperCase(),
          name.toLowerCase(),
        ])
          expect(parseEnumMember(members, written)).toBe(number);
    },
  );

  it('leaves what it does not know, to be refused', () => {
    for (const odd of ['Weekly', '', '-1', null, undefined, 1.5, {}])
      expect(Object.values(BillingCycleType)).not.toContain(parseEnumMember(BillingCycleType, odd));
  });
});

it('has a word for the periods of the contract only', () => {
  expect(['P1M', 'P1Y', 'P12M', 'P3Y', 'P14D', undefined].map(toBillingCycle)).toEqual([1, 2, 2, 5, 0, 0]);
  for (const cycle of [BillingCycleType.Monthly, BillingCycleType.Annual, BillingCycleType.Triennial])
    expect(toBillingCycle(toBillingPeriod(cycle))).toBe(cycle);
  expect(toBillingPeriod(BillingCycleType.Unknown)).toBeUndefined();
  for (const odd of ['P0M', 'P1.5M', 'P-1Y', 'month', ''])
    expect(toBillingCycle(odd)).toBe(BillingCycleType.Unknown);
});

it('gives equal purchases one key however they are written, and different ones another', () => {
  const some = fc.record({
    customerId: fc.constantFrom('c', 'd'),
    quantity: fc.integer({ min: 1, max: 3 }),
    frequency: fc.constantFrom(null, 1, 2),
    name: fc.constantFrom(null, 'n'),
    friendlyName: fc.constantFrom(null, 'a', 'b'),
    autoRenew: fc.constantFrom(null, true, false),
    partNumber: fc.constantFrom('INGRAM:M:A', 'INGRAM:M:B'),
  });
  fc.assert(
    fc.property(some, some, (a, b) => {
      const shuffled = Object.fromEntries(Object.entries(b).reverse()) as unknown as Purchase;
      const lower = { ...shuffled, partNumber: `ingram:${b.partNumber.slice(7).toLowerCase()}` };
      expect(keyOfPurchase(lower)).toBe(keyOfPurchase(b));
      const same = Object.entries(a).every(([field, value]) => b[field as keyof Purchase] === value);
      expect(keyOfPurchase(a) === keyOfPurchase(b)).toBe(same);
    }),
  );
});

it('is done only when all its orders are, and refused when one is', () => {
  const outcomes = fc.constantFrom('running', 'settled', 'refused', 'withdrawn', 'raised');
  fc.assert(
    fc.property(fc.array(outcomes, { minLength: 1, maxLength: 2 }), (all) => {
      const orders = all.map((outcome) => ({ outcome, kind: 'cancel', orderId: 'o' }) as OrderStateV1);
      const { status } = progressOf(orders);
      if (all.some((one) => one === 'refused' || one === 'withdrawn')) expect(status).toBe('refused');
      else expect(status).toBe(all.every((one) => one === 'settled') ? 'done' : 'ordered');
    }),
  );
});

it('knows a Microsoft domain by its first part or whole', () => {
  expect(
    ['contoso', ' Contoso.onmicrosoft.com ', 'con-toso', 'contoso.com', '', 'a'.repeat(28)].map(
      parseMicrosoftDomain,
    ),
  ).toEqual(['contoso.onmicrosoft.com', 'contoso.onmicrosoft.com', null, null, null, null]);
});
