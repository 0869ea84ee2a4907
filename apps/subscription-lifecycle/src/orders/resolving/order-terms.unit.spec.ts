import type { CmpOrderDetail, CmpSubscriptionDetail } from '@isthmus/cmp-client';
import { Money } from '@isthmus/domain';
import { newOrder, type OrderRecord, type OrderSpec, type OrderTerms } from '../order.ts';
import { likeness, missingEffect } from '../protocol/order-at-cmp.ts';
import { evaluateChecks } from '../protocol/order-checks.ts';
import { totalDifference } from '../protocol/step-outcomes.ts';
import { describeTerms, differingTerms, requireTerms } from './order-terms.ts';

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
  ])('asked as %j differ from P1Y, P1M in %j', (asked, differs) => {
    expect(differingTerms(asked, { term: 'P1Y', billingPeriod: 'P1M' })).toEqual(differs);
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
