import type { RunningSimulator } from '../start-simulator.ts';
import { month, sale, year } from '../../test/orders.fixture.ts';
import { CmpUser, quietSimulator } from '../../test/cmp-user.fixture.ts';

let simulator: RunningSimulator;
let user: CmpUser;
let customerId: string;
beforeEach(async () => {
  simulator = await quietSimulator();
  user = new CmpUser(simulator);
  customerId = (await simulator.control.addCustomers({}))[0]!.id;
});
afterEach(() => simulator.close());

describe('a purchase', () => {
  it('goes from submitted through processing to completed, and its subscription from nothing through pending to active', async () => {
    const { status, body: placed } = await user.post('/orders', sale(customerId));
    expect(status).toBe(200);
    expect(placed).toMatchObject({
      type: 'sales',
      status: 'submitted',
      statusCode: 'WP',
      poNumber: 'PO-TEST-1',
      total: { currency: 'USD', amount: '30.00' },
    });
    expect(placed.orderNumber).toMatch(/^SO\d{6}$/);
    expect(placed.subscriptionId).toBeUndefined();

    await simulator.control.advance(30);
    const { body: begun } = await user.get(`/orders/${placed.id}`);
    expect(begun).toMatchObject({ status: 'processing', statusCode: 'LO' });
    const pending = await user.get(`/subscriptions/${begun.subscriptionId}`);
    expect(pending.body).toMatchObject({ status: 'pending', customerId, fulfillmentParameters: [] });
    expect(pending.body.expirationDate).toBeUndefined();

    await simulator.control.advance(70);
    const { body: done } = await user.get(`/orders/${placed.id}`);
    expect(done).toMatchObject({
      status: 'completed',
      statusCode: 'CP',
      provisioningDate: '2026-03-01T09:01:40Z',
    });
    expect((await user.get(`/subscriptions/${begun.subscriptionId}`)).body).toMatchObject({
      status: 'active',
      renewalStatus: true,
      renewalDate: '2027-03-01',
      expirationDate: '2027-02-28',
      attributes: { PONumber: 'PO-TEST-1' },
      products: [
        {
          mpn: 'CFQ7TTC0LH16:0001',
          quantity: 5,
          unitPrice: { currency: 'USD', amount: '6.00' },
          vendorSubscriptionId: expect.any(String),
        },
      ],
      orderParameters: [{ name: 'microsoft_domain', value: 'specification.onmicrosoft.com' }],
      fulfillmentParameters: [{ name: 'ms_customer_id', value: expect.stringMatching(/^[0-9a-f-]{36}$/) }],
    });
  });

  it('reads a quantity written as text', async () => {
    expect(
      (await user.post('/orders', sale(customerId, {}, { quantity: '2.0' }))).body.products[0].quantity,
    ).toBe(2);
  });

  it('is refused when the part number alone does not tell the product', async () => {
    const refused = await user.post(
      '/orders',
      sale(customerId, { subscriptionPeriod: undefined }, { billingPeriod: undefined }),
    );
    expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining('not unique') } });
    const { body } = await user.get('/products?mpn=CFQ7TTC0LH16:0001');
    expect(
      (
        await user.post(
          '/orders',
          sale(
            customerId,
            { subscriptionPeriod: undefined },
            { billingPeriod: undefined, id: body.data[0].id },
          ),
        )
      ).status,
    ).toBe(200);
  });

  it.each([
    ['an unknown product', {}, { mpn: 'CFQ7TTC0XXXX:0001' }, 'Product not found'],
    ['too many seats', {}, { quantity: 301 }, 'from 1 to 300'],
    ['no seats', {}, { quantity: 0 }, 'from 1 to 300'],
    ['half a seat', {}, { quantity: 1.5 }, 'whole number'],
    ['no domain', {}, { parameters: [] }, 'microsoft_domain'],
    ['an unknown customer', { customerId: '1' }, {}, 'No entity has been found'],
    ['nothing to buy', { products: [] }, {}, 'Products must be specified'],
    ['a migration', { type: 'migration' }, {}, 'Not supported'],
    [
      'a co-term',
      { alignExpirationDate: { alignmentType: 'MATCH_END_OF_CALENDAR_MONTH' } },
      {},
      'Not supported',
    ],
    ['a move', { placementType: 'MOVE' }, {}, 'Not supported'],
    ['a deal', {}, { deals: { freezePrices: false, agreements: [] } }, 'Not supported'],
    ['a special price', {}, { specialPrice: { currency: 'USD', amount: '1' } }, 'Not supported'],
  ])('of %s is refused with 400 and leaves no order', async (_what, more, line, words) => {
    const before = (await user.get('/orders')).body.pagination.total;
    expect(await user.post('/orders', sale(customerId, more, line))).toMatchObject({
      status: 400,
      body: { path: '/orders', message: expect.stringContaining(words) },
    });
    expect((await user.get('/orders')).body.pagination.total).toBe(before);
    expect(await simulator.control.ledger()).toEqual([]);
  });

  it('is refused for a customer on credit hold', async () => {
    await user.patch(`/customers/${customerId}`, { status: 'creditHold' });
    expect(await user.post('/orders', sale(customerId))).toMatchObject({
      status: 500,
      body: { message: expect.stringContaining('creditHold') },
    });
  });

  it('gains the product that an add-on needs, in the same subscription', async () => {
    const { body } = await user.post('/orders', {
      type: 'sales',
      customerId,
      products: [{ mpn: 'ACR-CP-100G', quantity: 3 }],
    });
    expect(
      body.products.map(({ mpn, quantity }: { mpn: string; quantity: number }) => [mpn, quantity]),
    ).toEqual([
      ['ACR-CP-STD', 1],
      ['ACR-CP-100G', 3],
    ]);
    await simulator.control.advance(100);
    const { subscriptionId } = (await user.get(`/orders/${body.id}`)).body;
    expect((await user.get(`/subscriptions/${subscriptionId}`)).body.products).toHaveLength(2);
  });

  it('for a domain the customer already has lands in the same Microsoft tenant', async () => {
    const tenants: unknown[] = [];
    for (const poNumber of ['PO-1', 'PO-2']) {
      const { body } = await user.post('/orders', sale(customerId, { poNumber }));
      await simulator.control.advance(100);
      const { subscriptionId } = (await user.get(`/orders/${body.id}`)).body;
      tenants.push((await user.get(`/subscriptions/${subscriptionId}`)).body.fulfillmentParameters[0].value);
    }
    expect(tenants[0]).toEqual(expect.any(String));
    expect(tenants[1]).toBe(tenants[0]);
  });

  it('of two plans makes two subscriptions', async () => {
    const two = sale(customerId, {
      products: [...sale(customerId).products, { mpn: 'PP-ESS-BUS', quantity: 1, subscriptionPeriod: month }],
    });
    const { body } = await user.post('/orders', two);
    await simulator.control.advance(100);
    const lines = (await user.get(`/orders/${body.id}`)).body.products as { subscriptionId: string }[];
    expect(new Set(lines.map(({ subscriptionId }) => subscriptionId)).size).toBe(2);
  });
});

describe('an estimate', () => {
  it('prices an order, refuses what an order would be refused for, and stores nothing', async () => {
    const before = (await user.get('/orders')).body.pagination.total;
    const { status, body } = await user.post(
      '/orders/estimate',
      sale(customerId, { subscriptionPeriod: year }, { billingPeriod: year, quantity: 10 }),
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      total: { amount: '720.00' },
      products: [{ quantity: 10, extendedPrice: { amount: '720.00' } }],
    });
    expect(body.id).toBeUndefined();
    expect((await user.post('/orders/estimate', sale('1'))).status).toBe(400);
    expect((await user.get('/orders')).body.pagination.total).toBe(before);
  });
});

describe('withdrawing an order', () => {
  it('works while it is submitted, and its purchase never happens', async () => {
    const { body } = await user.post('/orders', sale(customerId));
    expect((await user.patch(`/orders/${body.id}`, { statusCode: 'CL' })).body).toMatchObject({
      status: 'cancelled',
      statusCode: 'CL',
    });
    await simulator.control.advance(1000);
    expect((await user.get(`/orders/${body.id}`)).body).toMatchObject({ status: 'cancelled' });
    expect((await user.get(`/subscriptions?customerId=${customerId}`)).body.data).toEqual([]);
  });

  it('is refused while it is provisioned and when it is done', async () => {
    const { body } = await user.post('/orders', sale(customerId));
    await simulator.control.advance(30);
    expect((await user.patch(`/orders/${body.id}`, { statusCode: 'CL' })).status).toBe(500);
    await simulator.control.advance(70);
    expect((await user.patch(`/orders/${body.id}`, { statusCode: 'CL' })).body.message).toContain(
      'Completed(CP)',
    );
    expect((await user.patch(`/orders/${body.id}`, { statusCode: 'CP' })).status).toBe(400);
    expect((await user.get('/orders/999')).status).toBe(404);
  });
});
