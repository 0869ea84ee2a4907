import type { RunningSimulator } from '../start-simulator.ts';
import { sale } from '../../test/orders.fixture.ts';
import { CmpUser, quietSimulator } from '../../test/cmp-user.fixture.ts';

let simulator: RunningSimulator;
let us: CmpUser;
beforeEach(async () => {
  simulator = await quietSimulator();
  us = new CmpUser(simulator);
});
afterEach(() => simulator.close());

describe('the portal', () => {
  it('buys a subscription: its sales order is there and complete', async () => {
    const bought = await simulator.control.buySubscription({
      quantity: 3,
      microsoftDomain: 'portal.onmicrosoft.com',
      poNumber: 'PORTAL-1',
    });
    expect((await us.get(`/subscriptions/${bought.id}`)).body).toMatchObject({
      status: 'active',
      products: [{ quantity: 3 }],
      attributes: { PONumber: 'PORTAL-1' },
    });
    expect((await us.get('/orders?limit=1')).body.data).toMatchObject([
      { type: 'sales', status: 'completed' },
    ]);
    expect(await simulator.control.ledger()).toEqual([]);
  });

  it('changes seats with an order, or without a trace', async () => {
    const { id } = (await simulator.control.buySubscription({ quantity: 3 })) as { id: string };
    await simulator.control.patchSubscription(id, { quantity: 7, poNumber: 'PORTAL-2' });
    const [order] = (await us.get(`/orders?subscriptionId=${id}`)).body.data;
    expect((await us.get(`/orders/${order.id}`)).body).toMatchObject({
      type: 'change',
      status: 'completed',
      poNumber: 'PORTAL-2',
      products: [{ quantity: 4 }],
    });
    await simulator.control.patchSubscription(id, { quantity: 2, viaOrder: false });
    expect((await us.get(`/subscriptions/${id}`)).body.products[0].quantity).toBe(2);
    expect((await us.get(`/orders?subscriptionId=${id}`)).body.pagination.total).toBe(2);
  });

  it('ends, suspends and resumes a subscription', async () => {
    const { id } = (await simulator.control.buySubscription()) as { id: string };
    const status = async () => (await us.get(`/subscriptions/${id}`)).body.status;
    await simulator.control.patchSubscription(id, { status: 'hold' });
    expect(await status()).toBe('hold');
    await simulator.control.patchSubscription(id, { status: 'active' });
    await simulator.control.patchSubscription(id, { status: 'terminated' });
    expect(await status()).toBe('terminated');
    expect((await us.get(`/orders?subscriptionId=${id}`)).body.data[0].type).toBe('cancellation');
    await simulator.control.advance(30 * 86_400);
    expect(await status()).toBe('removed');
  });

  it('changes auto-renewal, name, attributes, domain and the end of the term', async () => {
    const { id } = (await simulator.control.buySubscription({ microsoftDomain: 'old.onmicrosoft.com' })) as {
      id: string;
    };
    const changes = {
      renewalStatus: false,
      name: 'Renamed',
      attributes: { a: 'b' },
      microsoftDomain: 'new.onmicrosoft.com',
      termEndsAt: '2026-03-05T00:00:00Z',
    };
    await simulator.control.patchSubscription(id, changes);
    expect((await us.get(`/subscriptions/${id}`)).body).toMatchObject({
      renewalStatus: false,
      name: 'Renamed',
      attributes: { a: 'b' },
      renewalDate: '2026-03-05',
      orderParameters: [{ name: 'microsoft_domain', value: 'new.onmicrosoft.com' }],
    });
    await simulator.control.advance(5 * 86_400);
    expect((await us.get(`/subscriptions/${id}`)).body.status).toBe('terminated');
  });

  it('transfers a subscription: the other customer lists it, its orders stay behind, and back', async () => {
    const bought = await simulator.control.buySubscription({ customerId: '1000100003' });
    const [seeded] = (await us.get('/subscriptions?customerId=1000100003&status=active&limit=1')).body.data;
    const listed = async (path: string, customerId: string): Promise<string[]> =>
      (await us.get(`/${path}?customerId=${customerId}&limit=500`)).body.data.map(
        ({ id }: { id: string }) => id,
      );
    for (const id of [bought.id!, seeded.id]) {
      const orders = await listed('orders', '1000100003');
      await simulator.control.patchSubscription(id, { customerId: '1000100004' });
      expect((await us.get(`/subscriptions/${id}`)).body.customerId).toBe('1000100004');
      expect(await listed('subscriptions', '1000100003')).not.toContain(id);
      expect(await listed('subscriptions', '1000100004')).toContain(id);
      expect(await listed('orders', '1000100003')).toEqual(orders);
      await simulator.control.patchSubscription(id, { customerId: '1000100003' });
      expect(await listed('subscriptions', '1000100003')).toContain(id);
      expect(await listed('subscriptions', '1000100004')).not.toContain(id);
    }
    const nowhere = simulator.control.patchSubscription(seeded.id, { customerId: '42' });
    await expect(nowhere).rejects.toThrow('no customer 42');
  });

  it('renames, patches and takes away customers, subscriptions and products', async () => {
    await simulator.control.patchCustomer('1000100007', { name: 'Renamed', status: 'adminHold' });
    expect((await us.get('/customers/1000100007')).body).toMatchObject({
      id: '1000100007',
      name: 'Renamed',
      status: 'adminHold',
    });
    await simulator.control.removeCustomer('1000100007');
    expect((await us.get('/customers/1000100007')).status).toBe(404);
    expect((await us.get('/customers')).body.pagination.total).toBe(119);
    await simulator.control.removeSubscription('1300500');
    expect((await us.get('/subscriptions/1300500')).status).toBe(404);
    const [product] = (await us.get('/products?mpn=PP-ESS-BUS')).body.data;
    await simulator.control.patchProduct(product.id, { name: 'Mail Guard', priceCents: 999 });
    expect((await us.get('/products?mpn=PP-ESS-BUS')).body.data).toMatchObject([
      { name: 'Mail Guard', prices: [{ amount: '9.99' }] },
    ]);
    await simulator.control.withdrawProduct(product.id);
    expect((await us.get('/products?mpn=PP-ESS-BUS')).body.data).toEqual([]);
    const refused = await us.post(
      '/orders',
      sale('1000100001', { subscriptionPeriod: undefined, products: [{ id: product.id, quantity: 1 }] }),
    );
    expect(refused.body.message).toContain('Product not found');
    await expect(simulator.control.removeCustomer('42')).rejects.toThrow('42');
    await expect(simulator.control.patchSubscription('42', {})).rejects.toThrow('no subscription 42');
    await expect(simulator.control.withdrawProduct('42')).rejects.toThrow('no product 42');
  });

  it('lets an order fail: error (PF), the pending subscription removed', async () => {
    const { body } = await us.post('/orders', sale((await simulator.control.addCustomers({}))[0]!.id));
    await simulator.control.advance(30);
    await simulator.control.failOrder(body.id);
    const failed = (await us.get(`/orders/${body.id}`)).body;
    expect(failed).toMatchObject({ status: 'error', statusCode: 'PF' });
    await simulator.control.advance(100);
    expect((await us.get(`/subscriptions/${failed.subscriptionId}`)).body.status).toBe('removed');
    await expect(simulator.control.failOrder(body.id)).rejects.toThrow('Cannot fail');
  });

  it('confirms the purchase of a subscription that was pending when the world began', async () => {
    const [pending] = (await us.get('/subscriptions?status=pending')).body.data;
    const [order] = (await us.get(`/orders?subscriptionId=${pending.id}`)).body.data;
    expect(order).toMatchObject({ type: 'sales', status: 'processing' });
    await simulator.control.confirmOrder(order.id);
    expect((await us.get(`/subscriptions/${pending.id}`)).body).toMatchObject({
      status: 'active',
      expirationDate: expect.any(String),
    });
  });
});
