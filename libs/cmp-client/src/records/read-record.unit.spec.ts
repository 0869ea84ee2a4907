import { readCustomer } from './customer.ts';
import { readOrder } from './order.ts';
import { readOrderDetail } from './order-detail.ts';
import { readProduct } from './product.ts';
import { readRecord } from './read-record.ts';
import { readSubscription } from './subscription.ts';
import { readSubscriptionDetail } from './subscription-detail.ts';

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
