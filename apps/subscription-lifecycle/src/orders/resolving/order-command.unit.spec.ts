import type { CmpOrderDetail, CmpSubscriptionDetail } from '@isthmus/cmp-client';
import { Money } from '@isthmus/domain';
import fc from 'fast-check';
import { factsForOptions, type Option, optionsFor } from '../../subscriptions/rules/options.ts';
import { lotsForLine } from '../../subscriptions/rules/seat-lots.ts';
import type { SubscriptionRow } from '../../subscriptions/subscription.entity.ts';
import {
  leadingLine,
  type SubscriptionLine,
  type SubscriptionState,
} from '../../subscriptions/subscription.ts';
import { OrderRefused } from '../order.errors.ts';
import { newOrder, type OrderRecord, type OrderSpec, type OrderTerms } from '../order.ts';
import { likeness, missingEffect } from '../protocol/order-at-cmp.ts';
import { evaluateChecks } from '../protocol/order-checks.ts';
import { totalDifference } from '../protocol/step-outcomes.ts';
import {
  describeTerms,
  differingTerms,
  type OrderCommand,
  requireTerms,
  specForChange,
} from './order-command.ts';

const hour = 3_600_000;
const now = Date.UTC(2026, 9, 25, 1, 30);
const mpns = [
  'CFQ7TTC0LH16:0001',
  'CFQ7TTC0LH16:0005',
  'bd938f12-058f-4927-bba3-ae36b1d2501c',
  'DZH318Z0BPS6:0001',
  'VEEAM-1',
];
const lots = fc.array(
  fc.record({ seats: fc.integer({ min: 1, max: 9 }), hours: fc.integer({ min: 0, max: 400 }) }),
  { minLength: 1, maxLength: 3 },
);
/** Subscriptions of up to three lines, with the lots of each, of every product line there is. */
const states: fc.Arbitrary<SubscriptionState> = fc
  .record({
    lines: fc.uniqueArray(fc.record({ mpn: fc.constantFrom(...mpns), lots }), {
      selector: ({ mpn }) => mpn,
      minLength: 1,
      maxLength: 3,
    }),
    status: fc.constantFrom('active', 'active', 'active', 'hold', 'terminated'),
    autoRenew: fc.boolean(),
    lotsKnown: fc.boolean(),
    startedHoursAgo: fc.option(fc.integer({ min: 0, max: 300 })),
  })
  .map(({ lines, lotsKnown, startedHoursAgo, ...more }) => ({
    ...more,
    name: 'Basic',
    creationDate: null,
    renewalDate: '2027-03-01',
    expirationDate: null,
    billingPeriod: null,
    term: null,
    lines: lines.map(({ mpn, lots: of }): SubscriptionLine => ({
      vendor: 'MICROSOFT',
      mpn,
      cmpProductId: '',
      name: mpn,
      seats: of.reduce((sum, { seats }) => sum + seats, 0),
      unitPrice: null,
      unitCost: null,
      vendorSubscriptionId: null,
    })),
    lots: lotsKnown
      ? lines.flatMap(({ mpn, lots: of }) =>
          of.map(({ seats, hours }) => ({ seats, addedAt: now - hours * hour, line: mpn })),
        )
      : null,
    termStartedAt: startedHoursAgo === null ? null : now - startedHoursAgo * hour,
    providerVersion: 1,
    asOf: now,
  }));

/** What becomes of an order: the code of its refusal, or nothing when it is taken. */
function refusal(state: SubscriptionState, order: Partial<OrderCommand>): string | null {
  try {
    const row = { state, name: 'Basic', cmpAccountId: '1', cmpSubscriptionId: '2' } as SubscriptionRow;
    specForChange(order as OrderCommand, row, now);
    return null;
  } catch (error) {
    if (error instanceof OrderRefused) return error.code.replace('order.', '');
    throw error;
  }
}
const codeOf = ({ allowed, code }: Option): string | null => (allowed ? null : (code ?? '?'));

it('orders are taken exactly where the options say so, and refused for the reason they give', () => {
  fc.assert(
    fc.property(states, (state) => {
      for (const line of state.lines!) {
        const { mpn, seats } = line;
        const own = state.lots && lotsForLine(state.lots, line);
        const options = optionsFor(factsForOptions(state, line, seats), own, now);
        const change = (total: number, when: 'now' | 'renewal' = 'now') =>
          refusal(state, { kind: 'change-quantity', mpn, seats: total, when });
        expect(change(seats + 1)).toBe(codeOf(options.increase));
        expect(change(1, 'renewal')).toBe(codeOf(options.decreaseAtRenewal));
        const can = options.decrease.seats;
        if (can > 0) expect(change(seats - can)).toBeNull();
        if (seats - can > 1) expect(change(seats - can - 1)).not.toBeNull();
      }
      const whole = optionsFor(factsForOptions(state, leadingLine(state)!), state.lots, now);
      expect(refusal(state, { kind: 'cancel' })).toBe(codeOf(whole.cancel));
      expect(refusal(state, { kind: 'renewal-setting', autoRenew: false })).toBe(
        codeOf(whole.renewalSetting),
      );
    }),
    { numRuns: 500 },
  );
});

it('a change names its line where there are several', () => {
  const [state] = fc.sample(
    states.filter(({ lines, status }) => lines!.length > 1 && status === 'active'),
    { numRuns: 1, seed: 1 },
  );
  expect(refusal(state!, { kind: 'change-quantity', seats: 99 })).toBe('no-such-line');
  expect(refusal(state!, { kind: 'change-quantity', seats: 99, mpn: 'OTHER' })).toBe('no-such-line');
});

it('names the lines to choose from when none is named, or one that is not there', () => {
  const line = (mpn: string, name: string, seats: number) => ({
    ...{ vendor: 'V', mpn, cmpProductId: '', name, seats },
    ...{ unitPrice: null, unitCost: null, vendorSubscriptionId: null },
  });
  const state = {
    ...fc.sample(states, 1)[0]!,
    status: 'active',
    lines: [line('VEEAM-1', 'Backup', 4), line('VEEAM-2', 'Storage', 9)],
  };
  const message = (order: object) => {
    try {
      const row = { state, name: 'Basic', cmpAccountId: '1', cmpSubscriptionId: '2' } as SubscriptionRow;
      specForChange({ kind: 'change-quantity', seats: 99, ...order } as OrderCommand, row, now);
      return null;
    } catch (error) {
      return [(error as OrderRefused).message, (error as OrderRefused).nextStep];
    }
  };
  const lines = 'VEEAM-1 (Backup, 4 seats), VEEAM-2 (Storage, 9 seats)';
  expect(message({})).toEqual([
    `Basic has 2 product lines, and the order does not specify which one: ${lines}.`,
    'Specify the mpn of the line.',
  ]);
  expect(message({ mpn: 'X' })?.[0]).toBe(`Basic has no product line X. It has ${lines}.`);
  expect(message({ mpn: 'VEEAM-2' })).toBeNull();
  state.lines = [
    line('VEEAM-1', 'Backup', 4),
    { ...line('VEEAM-1', 'Backup, 3 years', 9), cmpProductId: 'PRD2' },
  ];
  expect(message({ mpn: 'VEEAM-1' })).toEqual([
    'Basic has 2 product lines VEEAM-1. It has VEEAM-1 (Backup, no id, 4 seats), VEEAM-1 (Backup, 3 years, PRD2, 9 seats).',
    'Specify the mpn of the line, and its cmpProductId if several lines have that mpn.',
  ]);
  expect(message({ mpn: 'VEEAM-1', cmpProductId: 'PRD2' })).toBeNull();
  state.lines.push({ ...line('VEEAM-1', 'Backup', 2), cmpProductId: 'PRD2' });
  expect(message({ mpn: 'VEEAM-1', cmpProductId: 'PRD2' })?.[1]).toContain('control panel');
});

describe('a product that cannot be had with every number of seats', () => {
  const week = (seats: number, hours: number, minimumSeats: number, maximumSeats?: number) => {
    const line = { vendor: 'MICROSOFT', mpn: mpns[0], cmpProductId: '', name: 'E5', seats };
    const base = fc.sample(states, { numRuns: 1, seed: 3 })[0]!;
    const state = {
      ...{ ...base, status: 'active', lines: [line as SubscriptionLine] },
      lots: [{ seats, addedAt: now - hours * hour }],
    };
    const row = { state, name: 'E5', cmpAccountId: '1', cmpSubscriptionId: '2' } as SubscriptionRow;
    return (total: number) => {
      try {
        const order = { kind: 'change-quantity', seats: total, when: 'now' } as OrderCommand;
        specForChange(order, row, now, 'reject', { minimumSeats, maximumSeats });
        return null;
      } catch (error) {
        const { code, details, nextStep } = error as OrderRefused;
        return { code: code.replace('order.', ''), ...details, nextStep };
      }
    };
  };

  it('offers the seats beyond the minimum while their window is open, and none after it', () => {
    expect(week(7, 1, 5)(3)).toMatchObject({
      code: 'quantity-out-of-range',
      offer: { seatsNow: 2, atRenewal: 5 },
    });
    expect(week(7, 1, 5)(5)).toBeNull();
    expect(week(7, 200, 5)(3)).toMatchObject({
      offer: { seatsNow: 0, until: null },
      nextStep: 'Keep the seats, or cancel the subscription.',
    });
    expect(week(7, 200, 5)(6)).toMatchObject({ code: 'decrease-outside-window' });
  });

  it('refuses more than the maximum, and takes what is within', () => {
    expect(week(7, 1, 1, 10)(11)).toMatchObject({ code: 'quantity-out-of-range', offer: { maximum: 10 } });
    expect(week(7, 1, 1, 10)(10)).toBeNull();
    expect(week(12, 1, 1, 10)(9)).toBeNull();
  });
});

it('a product that the settings name as an extended term can be cancelled and decreased any day', () => {
  const state = fc.sample(states, { numRuns: 1, seed: 3 })[0]!;
  const line = {
    vendor: 'MICROSOFT',
    mpn: mpns[0],
    cmpProductId: '',
    name: 'E5 (EST)',
    seats: 7,
  } as SubscriptionLine;
  const old = {
    ...state,
    status: 'active',
    lines: [line],
    lots: [{ seats: 7, addedAt: 0 }],
    termStartedAt: 0,
  };
  const options = (names: string[]) =>
    optionsFor(factsForOptions(old, line, 7, { extendedTermProducts: names }), old.lots, now);
  for (const names of [['(est)'], [mpns[0]!.toLowerCase()]])
    expect(options(names)).toMatchObject({ cancel: { allowed: true }, decrease: { seats: 6 } });
  for (const names of [[''], ['CFQ7TTC0LH16'], []])
    expect(options(names)).toMatchObject({ cancel: { allowed: false }, decrease: { seats: 0 } });
  const row = { state: old, name: 'E5', cmpAccountId: '1', cmpSubscriptionId: '2' } as SubscriptionRow;
  const order = { kind: 'change-quantity', seats: 2 } as OrderCommand;
  expect(specForChange(order, row, now, 'reject', { extendedTermProducts: ['EST'] })).toMatchObject({
    extendedTerm: true,
  });
});

const year = { type: 'year', duration: 1 } as const;
const month = { type: 'month', duration: 1 } as const;
const product = {
  vendor: 'MICROSOFT',
  mpn: 'CFQ7TTC0LH16:0001',
  name: 'Basic',
  term: year,
  billingPeriod: month,
};
const purchase: OrderSpec = { kind: 'create', cmpAccountId: '1', product, seats: 5, parameters: [] };
const change: OrderSpec = {
  kind: 'change-quantity',
  cmpAccountId: '1',
  cmpSubscriptionId: '2',
  product,
  seats: 5,
  when: 'now',
};
const id = '0b0e6d38-9f1c-4b1e-8a3e-0f7c6f0f6f01';
const none = { highestTotal: null, extraProducts: 'any' } as const;
const subscription = (more: object = {}, line: object = {}): CmpSubscriptionDetail => ({
  id: '2',
  customerId: '1',
  status: 'active',
  attributes: {},
  billingPeriod: month,
  subscriptionPeriod: year,
  products: [{ mpn: product.mpn, quantity: 3, ...line }],
  orderParameters: [],
  fulfillmentParameters: [],
  ...more,
});

describe('term and billing period', () => {
  it.each([
    [{ term: 'P1M' }, ['term']],
    [{ term: 'P12M' }, []],
    [{ billingPeriod: 'P1Y', term: 'P3Y' }, ['term', 'billingPeriod']],
    [{ billingPeriod: 'P30D' }, ['billingPeriod']],
    [{}, []],
  ])('asked as %j differ from P1Y, P1M in %j', (requested, differs) => {
    expect(differingTerms(requested, { term: 'P1Y', billingPeriod: 'P1M' })).toEqual(differs);
  });

  it('that nobody knows differ only where the catalogue says so', () => {
    const unknown = { term: null, billingPeriod: null };
    expect(differingTerms({ term: 'P1M' }, unknown)).toEqual([]);
    expect(differingTerms({ term: 'P1M' }, unknown, ['term'])).toEqual(['term']);
    expect(describeTerms(unknown)).toBe('no known term');
  });

  it('are both named where they differ', () => {
    const actual = { name: 'E5', term: 'P3Y', billingPeriod: 'P1M' };
    expect(() => requireTerms({ term: 'P1M' }, actual, 'part number X', 'Do this.')).toThrow(
      'The order specifies a term of 1 month (P1M), but part number X is E5 with a term of 3 years (P3Y) and a billing period of 1 month (P1M).',
    );
  });

  it.each([
    ['as ordered', {}, null],
    ['told as twelve months', { subscriptionPeriod: { type: 'month', duration: 12 } }, null],
    ['not told', { subscriptionPeriod: undefined, billingPeriod: undefined }, null],
    ['one that is none', { billingPeriod: { type: 'statement_day', duration: 1 } }, null],
    ['another term', { subscriptionPeriod: month }, 'subscription 2 has a term of P1M, not P1Y'],
    [
      'another billing period',
      { billingPeriod: year },
      'subscription 2 has a billing period of P1Y, not P1M',
    ],
  ])('prove an order: %s', (_, more, missing) => {
    expect(missingEffect(purchase, subscription(more, { quantity: 5 }))).toBe(missing);
    expect(missingEffect(change, subscription(more, { quantity: 5 }))).toBe(missing);
  });

  it.each([
    ['product', subscription({}, { mpn: 'OTHER' }), 'product-differs'],
    ['term', subscription({ subscriptionPeriod: month }), 'term-differs'],
    ['billing period', subscription({ billingPeriod: year }), 'term-differs'],
  ])(
    'and product are checked before a change is sent, however long it waited: another %s',
    (_, found, code) => {
      const verdict = evaluateChecks(newOrder(id, change, none, 0), { subscription: found }, 1);
      expect(verdict).toMatchObject({ observed: 'checks-refused', reason: { code } });
    },
  );

  it('that CMP estimates otherwise refuse the purchase', () => {
    const line = { mpn: product.mpn, quantity: 5, parameters: [], subscriptionPeriod: month };
    const verdict = evaluateChecks(
      newOrder(id, purchase, none, 0),
      { estimate: { products: [line], details: [] } },
      1,
    );
    expect(verdict).toMatchObject({ observed: 'checks-refused', reason: { code: 'term-differs' } });
  });

  it('tell our order from another one of the same product', () => {
    const order = newOrder(id, purchase, none, 0);
    const found = (term: object): CmpOrderDetail =>
      ({
        ...{ id: '9', type: 'sales', customerId: '1', status: 'submitted', attributes: {}, details: [] },
        creationDate: new Date(1).toISOString(),
        poNumber: order.marker,
        products: [{ mpn: product.mpn, quantity: 5, parameters: [], subscriptionPeriod: term }],
      }) as CmpOrderDetail;
    expect(likeness(order, found(year), 0)).toEqual({ is: 'ours' });
    expect(likeness(order, found(month), 0)).toMatchObject({
      is: 'lookalike',
      why: expect.stringContaining('P1M'),
    });
  });
});

describe('the total of an order that is done', () => {
  const usd = (amount: string, currency = 'USD') => Money.of(amount, currency);
  const terms: OrderTerms = {
    term: 'P1Y',
    billingPeriod: 'P1M',
    unitPrice: usd('22.00'),
    total: usd('110.00'),
    totalFrom: 'quote',
    tolerancePercent: 0,
    oneDay: null,
  };
  const order = (charged: object | null, more: Partial<OrderTerms> = {}): OrderRecord =>
    ({
      ...newOrder(id, purchase, none, 0, { terms: { ...terms, ...more } }),
      charged,
      cmpOrderNumber: 'SO1',
    }) as OrderRecord;

  it.each([
    ['the same, written otherwise', order(usd('110.0')), false],
    ['a cent more', order(usd('110.01')), false],
    ['two cents more', order(usd('110.02')), true],
    ['two cents less', order(usd('109.98')), true],
    ['within five percent', order(usd('115.50'), { tolerancePercent: 5 }), false],
    ['beyond five percent', order(usd('115.52'), { tolerancePercent: 5 }), true],
    ['a day of proration', order(usd('106.50'), { oneDay: usd('3.50') }), false],
    ['more than a day', order(usd('106.40'), { oneDay: usd('3.50') }), true],
    ['a refund that is not given', order(usd('0.00'), { total: usd('-80.00') }), true],
    ['a refund charged', order(usd('80.00'), { total: usd('-80.00') }), true],
    ['another currency', order(usd('110.00', 'EUR')), true],
    ['not told by CMP', order(null), false],
    ['only ours', order(usd('500.00'), { totalFrom: 'estimate' }), false],
    ['CMP’s own estimate', order(usd('500.00'), { totalFrom: 'cmp' }), true],
  ])('%s', (_, done, differs) => {
    const why = totalDifference(done);
    expect(why !== null).toBe(differs);
    if (why) expect(why.detail).toContain('SO1');
  });

  it('of older records is not known', () => {
    expect(totalDifference({ ...newOrder(id, purchase, none, 0), charged: usd('1.00') })).toBeNull();
  });
});
