import { readCustomer } from '../resources/customers.ts';
import { readOrder, readOrderDetail, readOrderEstimate, firstUnreadFact } from '../resources/orders.ts';
import { readProduct } from '../resources/products.ts';
import { readSubscription, readSubscriptionDetail } from '../resources/subscriptions.ts';
import { readPeriod } from './fields.ts';
import { readRecord } from './read-record.ts';

const subscription = {
  id: '1369491',
  name: 'Microsoft 365 Business Premium (NCE COM MTH)',
  customerId: '1000105563',
  status: 'active',
  attributes: { PONumber: 'T20260727.0038' },
  renewalStatus: true,
  creationDate: '2026-03-18',
  renewalDate: '2027-03-18',
  lastModifiedDate: '2026-03-18',
  expirationDate: '2027-03-17',
  billingModel: 'chargeBeforeBillingPeriod',
  billingPeriod: { type: 'month', duration: 1 },
  subscriptionPeriod: { type: 'year', duration: 1 },
};
const order = {
  id: '2093344',
  orderNumber: 'CH005810',
  type: 'change',
  customerId: '1000105563',
  status: 'completed',
  statusCode: 'CP',
  creationDate: '2026-07-27T02:11:09Z',
};

describe('readRecord', () => {
  it('reads a row as it is and keeps the raw one', () => {
    expect(readRecord(readSubscription, subscription)).toEqual({
      ok: true,
      id: '1369491',
      value: subscription,
      raw: subscription,
    });
  });

  it('reads numbers as ids and takes null for absent', () => {
    const read = readSubscription({
      ...subscription,
      id: 7,
      customerId: 8,
      expirationDate: null,
      attributes: null,
      name: null,
    });
    expect(read).toMatchObject({ id: '7', customerId: '8', attributes: {} });
    expect(read.expirationDate).toBeUndefined();
  });

  it('reads a word that is new to it as unknown', () => {
    expect(readSubscription({ ...subscription, status: 'frozen' }).status).toBe('unknown');
    expect(readOrder({ ...order, status: 'parked', type: 'gift' })).toMatchObject({
      status: 'unknown',
      type: 'unknown',
    });
  });

  it.each([
    [{ id: null }, 'id'],
    [{ id: 1.5 }, 'id'],
    [{ customerId: undefined }, 'customerId'],
    [{ status: 5 }, 'status'],
    [{ expirationDate: '2026-02-30' }, 'expirationDate'],
    [{ expirationDate: '31.12.2026' }, 'expirationDate'],
    [{ renewalStatus: 'yes' }, 'renewalStatus'],
    [{ billingPeriod: { type: 'month' } }, 'billingPeriod.duration'],
    [{ attributes: [] }, 'attributes'],
  ])('names the field that cannot be read of %j', (broken, field) => {
    const raw = { ...subscription, ...broken };
    expect(readRecord(readSubscription, raw)).toMatchObject({ ok: false, field, raw });
  });

  it('takes anything that is no object for a broken record, not for an end', () => {
    for (const raw of [null, 'x', 5, [], undefined])
      expect(readRecord(readSubscription, raw)).toMatchObject({ ok: false });
  });

  it('never repeats the value of a broken field, which may be personal', () => {
    const broken = readRecord(readCustomer, {
      id: '1',
      name: 'x',
      contactPersons: [{ type: 'admin', email: ['jane@x.example'] }],
    });
    expect(broken).toMatchObject({
      ok: false,
      field: 'contactPersons.0.email',
      reason: 'expected a text, found a list',
    });
  });
});

describe('details', () => {
  it('read quantities that are numbers or texts, and keep amounts as CMP wrote them', () => {
    const detail = readSubscriptionDetail({
      ...subscription,
      planId: 10005,
      totalPrice: { currency: 'USD', amount: '242.00' },
      totalSubscriptionCost: {},
      products: [{ mpn: 'CFQ7TTC0LCHC:0002', quantity: '11.0', unitPrice: { currency: 'USD', amount: 22 } }],
      fulfillmentParameters: [{ name: 'ms_customer_id', value: 'a94c2acd' }],
    });
    expect(detail).toMatchObject({
      planId: '10005',
      totalPrice: { currency: 'USD', amount: '242.00' },
      products: [{ quantity: 11, unitPrice: { amount: '22' } }],
      fulfillmentParameters: [{ name: 'ms_customer_id', value: 'a94c2acd' }],
    });
    expect(detail.totalSubscriptionCost).toBeUndefined();
  });

  it('read renewal orders, which have no products', () => {
    expect(readOrderDetail({ ...order, type: 'renewal', subscriptionId: '1369491' })).toMatchObject({
      subscriptionId: '1369491',
      products: [],
      details: [],
    });
  });

  it('convert times to UTC and take those without a zone for UTC', () => {
    expect(readOrder({ ...order, creationDate: '2026-07-27T04:11:09+02:00' }).creationDate).toBe(
      '2026-07-27T02:11:09.000Z',
    );
    expect(readOrder({ ...order, creationDate: '2026-07-27T02:11:09' }).creationDate).toBe(
      '2026-07-27T02:11:09.000Z',
    );
  });

  it('read the limits of a product, which are texts', () => {
    expect(
      readProduct({
        id: 'PRD1',
        mpn: 'X:1',
        vendor: 'MICROSOFT',
        minimumQuantity: '1.0',
        maximumQuantity: '300.0',
      }),
    ).toMatchObject({
      minimumQuantity: 1,
      maximumQuantity: 300,
      prices: [],
    });
  });
});

describe('numbers as programs write them', () => {
  const detailWith = (product: object, more: object = {}) => ({
    ...subscription,
    products: [{ mpn: 'X:1', ...product }],
    ...more,
  });
  const price = (amount: unknown, currency: unknown = 'USD') => ({ amount, currency });

  it('reads exponents exactly, in amounts, quantities and limits', () => {
    const detail = readSubscriptionDetail(
      detailWith(
        { quantity: '1.2E1', unitPrice: price('5.0E-4'), unitProviderCost: price('0E-8') },
        { totalSubscriptionPrice: price('1.2345678E7') },
      ),
    );
    expect(detail).toMatchObject({
      totalSubscriptionPrice: { amount: '12345678' },
      products: [{ quantity: 12, unitPrice: { amount: '0.0005' }, unitProviderCost: { amount: '0' } }],
    });
    expect(detail.unread).toBeUndefined();
    const product = { id: 'PRD1', mpn: 'X:1', vendor: 'V', minimumQuantity: '1E0', maximumQuantity: '1.0E7' };
    expect(readProduct(product)).toMatchObject({ minimumQuantity: 1, maximumQuantity: 10_000_000 });
  });

  it.each([
    12.5,
    '12.5',
    '2.99999999999999999999',
    '12.00000000000000000001',
    2_147_483_648,
    -1,
    1e400,
    '1e999999',
    '1,5',
    NaN,
    true,
  ])('finds no seats in %j', (quantity) => {
    expect(readRecord(readSubscriptionDetail, detailWith({ quantity }))).toMatchObject({
      ok: false,
      id: '1369491',
      field: 'products.0.quantity',
    });
  });

  it('takes no more seats of several lines together than can be kept', () => {
    const products = [1, 2].map((n) => ({ mpn: `X:${n}`, quantity: 2_000_000_000 }));
    expect(readRecord(readSubscriptionDetail, { ...subscription, products })).toMatchObject({
      ok: false,
      field: 'products',
    });
  });

  it('takes no more products than an event can tell', () => {
    const products = Array.from({ length: 1_001 }, (_, n) => ({ mpn: `X:${n}`, quantity: 1 }));
    expect(readSubscriptionDetail({ ...subscription, products: products.slice(1) }).products).toHaveLength(
      1_000,
    );
    expect(readRecord(readSubscriptionDetail, { ...subscription, products })).toMatchObject({
      ok: false,
      field: 'products',
    });
  });

  it.each(['HRK', 'XCG', 'usd', ' eur '])('keeps a price in %j', (currency) => {
    const detail = readSubscriptionDetail(detailWith({ quantity: 1, unitPrice: price('1.50', currency) }));
    expect(detail.products[0]!.unitPrice).toEqual({
      amount: '1.50',
      currency: currency.trim().toUpperCase(),
    });
  });

  it.each([
    [
      '12,50',
      'USD',
      'products.0.unitPrice.amount',
      'expected a decimal such as 1234.50, found a string with a comma',
    ],
    [
      '1.234,50',
      'USD',
      'products.0.unitPrice.amount',
      'expected a decimal such as 1234.50, found a string with a comma',
    ],
    ['1e999999', 'USD', 'products.0.unitPrice.amount', 'expected a decimal such as 1234.50, found a string'],
    ['1E15', 'USD', 'products.0.unitPrice.amount', 'expected a decimal such as 1234.50, found a string'],
    ['1', 'EURO', 'products.0.unitPrice.currency', 'expected three letters such as USD, found a string'],
  ])('tells seats and status although a price is %j %s, and names it', (amount, currency, field, reason) => {
    const detail = readSubscriptionDetail(detailWith({ quantity: 3, unitPrice: price(amount, currency) }));
    expect(detail).toMatchObject({ status: 'active', products: [{ quantity: 3 }] });
    expect(detail.products[0]!.unitPrice).toBeUndefined();
    expect(detail.unread).toEqual([{ field, reason, sum: true }]);
  });

  it.each([0, 1.5, -1, 10_000, '0', '0E-8'])('takes a period of %j for none', (duration) => {
    expect(readPeriod({ type: 'month', duration })).toEqual({ type: 'unknown', duration: 0 });
  });

  it('reads other lengths of periods, statement days too', () => {
    expect(readPeriod({ type: 'month', duration: '1.2E1' })).toEqual({ type: 'month', duration: 12 });
    expect(readPeriod({ type: 'statement_day', duration: 15 })).toEqual({
      type: 'statement_day',
      duration: 15,
    });
  });
});

describe('an order by itself', () => {
  it('tells its id and status whatever its sums are', () => {
    const odd = { currency: 'USD', amount: '1,00' };
    const detail = readOrderDetail({
      ...order,
      total: odd,
      products: [{ mpn: 'X:1', quantity: 1, unitPrice: odd, extendedPrice: odd }],
      details: [{ type: 'recurring', quantity: 'n/a', unitPrice: odd }],
    });
    expect(detail).toMatchObject({
      id: '2093344',
      status: 'completed',
      products: [{ mpn: 'X:1', quantity: 1 }],
    });
    expect(detail.unread!.map(({ field }) => field)).toEqual([
      'total.amount',
      'products.0.unitPrice.amount',
      'products.0.extendedPrice.amount',
      'details.0.quantity',
    ]);
    expect(firstUnreadFact(detail)).toBeUndefined();
  });

  it.each(['On Hold', 'completed'])("keeps CMP's own word for its status, as a list does: %s", (status) => {
    expect(readOrderDetail({ ...order, status }).statusWord).toBe(status);
    expect(readOrder({ ...order, status }).statusWord).toBe(status);
  });

  it('tells its id when nothing else can be read, and that so it is', () => {
    const detail = readOrderDetail({ id: 2093344, status: 7, creationDate: 'yesterday', products: 'none' });
    expect(detail).toMatchObject({ id: '2093344', status: 'unknown', type: 'unknown', products: [] });
    expect(firstUnreadFact(detail)).toContain('type');
  });

  it('is a problem without its id', () => {
    expect(readRecord(readOrderDetail, { ...order, id: undefined })).toMatchObject({
      ok: false,
      field: 'id',
    });
  });

  it('is listed whatever its sum is, but not without its facts', () => {
    const row = { ...order, total: { currency: 'USD', amount: 'n/a' } };
    expect(readRecord(readOrder, row)).toMatchObject({ ok: true, id: '2093344' });
    expect(readRecord(readOrder, { ...order, creationDate: '0000-01-01T00:00:00Z' })).toMatchObject({
      ok: false,
      field: 'creationDate',
    });
  });

  it('is estimated without the sums that cannot be read, but not without a line', () => {
    const lines = [{ mpn: 'X:1', quantity: 1 }];
    const estimate = readOrderEstimate({ total: { currency: 'USD', amount: '1,00' }, products: lines });
    expect(estimate.total).toBeUndefined();
    expect(estimate.unread).toMatchObject([{ field: 'total.amount', sum: true }]);
    expect(() => readOrderEstimate({ products: [{ mpn: 'X:1' }] })).toThrow('products.0.quantity');
  });
});

describe('days and instants', () => {
  it.each(['0000-01-01', '0000-12-31T00:00:00', '2026-00-10', '2025-02-29'])('finds no day in %s', (date) => {
    expect(readRecord(readSubscription, { ...subscription, renewalDate: date })).toMatchObject({ ok: false });
  });

  it.each(['0001-01-01', '9999-12-31', '2028-02-29'])('finds the day %s', (renewalDate) => {
    expect(readSubscription({ ...subscription, renewalDate }).renewalDate).toBe(renewalDate);
  });

  it.each([
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+05:00',
    '9999-12-31T23:59:59-01:00',
    '2026-02-30T10:00:00Z',
    '2026-02-30T10:00:00+02:00',
    '2026-01-31T25:00:00Z',
    '2026-01-31T24:00:01Z',
    '9999-12-31T24:00:00Z',
    `2026-01-31T10:00:00.${'1'.repeat(10)}Z`,
  ])('finds no instant in %s', (creationDate) => {
    expect(readRecord(readOrder, { ...order, creationDate })).toMatchObject({
      ok: false,
      field: 'creationDate',
    });
  });
});

it.each(['2026-01-31T24:00:00Z', '2026-01-31T24:00', '2026-01-31T24:00:00.000Z'])(
  'takes %s for midnight of the next day, in words that every reader knows',
  (creationDate) => {
    expect(readOrder({ ...order, creationDate }).creationDate).toBe('2026-02-01T00:00:00.000Z');
  },
);

describe('texts that PostgreSQL cannot keep', () => {
  const customer = { id: '1000105563', name: 'Contoso', status: 'active' };

  it('lose NUL, and half of an emoji becomes U+FFFD', () => {
    const read = readCustomer({
      ...customer,
      name: 'Contoso\u0000 Ltd',
      externalId: 'Caf\ud83d',
      attributes: { 'a\u0000': 'b\u0000' },
      contactPersons: [{ type: 'admin', firstName: '\u0000' }],
    });
    expect(read).toMatchObject({ name: 'Contoso Ltd', externalId: 'Caf\ufffd', attributes: { a: 'b' } });
    expect(read.contactPersons[0]!.firstName).toBeUndefined();
  });

  it('are cut where they are names, never through an emoji', () => {
    const { name } = readCustomer({ ...customer, name: `${'x'.repeat(498)}😀${'y'.repeat(5_000)}` });
    expect(name).toBe(`${'x'.repeat(498)}…`);
    expect(readCustomer({ ...customer, name: '😀'.repeat(250) }).name).toHaveLength(500);
  });

  it.each([
    ['an id with NUL', { id: '10001\u000005563' }, 'id', undefined],
    ['an id that is too long', { id: '1'.repeat(300) }, 'id', undefined],
    ['a name that is a number', { name: 7 }, 'name', '1000105563'],
  ])('%s makes the record a problem of its own', (_, broken, field, id) => {
    expect(readRecord(readCustomer, { ...customer, ...broken })).toMatchObject({ ok: false, field, id });
  });

  it('never change what names a product', () => {
    const product = { id: 'PRD1', mpn: 'X\u0000:1', vendor: 'V' };
    expect(readRecord(readProduct, product)).toMatchObject({ ok: false, id: 'PRD1', field: 'mpn' });
    expect(readRecord(readProduct, { ...product, mpn: 'X'.repeat(256) })).toMatchObject({ field: 'mpn' });
  });
});
