import { Bought, change } from '../../test/orders.fixture.ts';

let bought: Bought;
const begin = async (...how: Parameters<typeof Bought.start>) => {
  bought = await Bought.start(...how);
};
afterEach(() => bought.simulator.close());

describe('seats', () => {
  it('are posted as a total and told as a difference; they count when the order is completed', async () => {
    await begin();
    const { body } = await bought.user.post('/orders', change(bought.subscription, 8, { poNumber: 'PO-2' }));
    expect(body).toMatchObject({
      orderNumber: expect.stringMatching(/^CH/),
      subscriptionId: bought.id,
      poNumber: 'PO-2',
      products: [{ quantity: 3 }],
    });
    expect((await bought.detail()).products[0].quantity).toBe(5);
    await bought.simulator.control.advance(100);
    const after = await bought.detail();
    expect(after.products[0].quantity).toBe(8);
    expect(after.attributes.PONumber).toBe('PO-TEST-1');
    expect((await bought.order(body.id)).products[0].quantity).toBe(3);
  });

  it('are posted as a difference when that is how this CMP reads them', async () => {
    await begin({ quirks: { changeQuantity: 'delta' } });
    await bought.user.post('/orders', change(bought.subscription, 3));
    await bought.simulator.control.advance(100);
    expect((await bought.detail()).products[0].quantity).toBe(8);
  });

  it('cannot be changed twice at once: the documented 500', async () => {
    await begin();
    const first = (await bought.user.post('/orders', change(bought.subscription, 8))).body;
    const refused = await bought.user.post('/orders', change(bought.subscription, 9));
    expect(refused.status).toBe(500);
    expect(refused.body.message).toBe(
      `Cannot Upgrade/Downgrade Resources for Subscription #${bought.subscription.id}: there is already an Upgrade/Downgrade Order #${first.orderNumber} in status Waiting for Payment(WP). This order prohibits placing an order of the same order type (per subscription). Please either cancel conflicting order or wait until it is processed by the system.`,
    );
    await bought.simulator.control.advance(30);
    const second = await bought.user.post('/orders', change(bought.subscription, 9));
    expect(second.body.message).toContain('in status Provisioning is in progress(LO).');
    await bought.simulator.control.advance(70);
    expect((await bought.user.post('/orders', change(bought.subscription, 9))).status).toBe(200);
  });

  it('may go down within seven days of being added, each lot by itself, and not a minute later', async () => {
    await begin();
    await bought.days(5);
    await bought.user.post('/orders', change(bought.subscription, 8));
    await bought.simulator.control.advance(100);
    await bought.days(3);
    expect(await bought.user.post('/orders', change(bought.subscription, 4))).toMatchObject({
      status: 500,
      body: { message: expect.stringContaining('outside of the cancellation window') },
    });
    expect(
      (await bought.user.post('/orders', change(bought.subscription, 5))).body.products[0].quantity,
    ).toBe(-3);
    await bought.simulator.control.advance(100);
    expect((await bought.user.post('/orders', change(bought.subscription, 4))).status).toBe(500);
  });

  it('stay between one and the maximum, and must differ', async () => {
    await begin();
    for (const total of [0, -1, 301, 5])
      expect((await bought.user.post('/orders', change(bought.subscription, total))).status).toBe(400);
  });

  it('cost the rest of the billing period', async () => {
    await begin();
    await bought.days(15.5);
    const { body } = await bought.user.post('/orders/estimate', change(bought.subscription, 7));
    expect(body.total.amount).toBe((2 * 6 * (16 / 31)).toFixed(2));
  });

  it('of an unknown, foreign or ended subscription cannot be changed', async () => {
    await begin();
    expect((await bought.user.post('/orders', change({ ...bought.subscription, id: '1' }, 7))).status).toBe(
      400,
    );
    expect(
      (await bought.user.post('/orders', change({ ...bought.subscription, customerId: '1000100001' }, 7)))
        .status,
    ).toBe(400);
    await bought.simulator.control.patchSubscription(bought.subscription.id, { status: 'terminated' });
    expect((await bought.user.post('/orders', change(bought.subscription, 7))).body.message).toContain(
      'terminated',
    );
  });
});

describe('a change scheduled for renewal', () => {
  it('waits in processing (AS) with its target, and takes effect with the renewal', async () => {
    await begin();
    await bought.days(30);
    const { body } = await bought.user.post(
      '/orders',
      change(bought.subscription, 2, { scheduledOn: 'renewal' }),
    );
    await bought.days(30);
    expect(await bought.order(body.id)).toMatchObject({
      status: 'processing',
      statusCode: 'AS',
      scheduledOn: 'renewal',
      products: [{ quantity: 2 }],
    });
    expect((await bought.detail()).products[0].quantity).toBe(5);
    await bought.days(310);
    expect(await bought.order(body.id)).toMatchObject({
      status: 'completed',
      statusCode: 'CP',
      products: [{ quantity: 2 }],
    });
    expect(await bought.detail()).toMatchObject({
      renewalDate: '2028-03-01',
      products: [{ quantity: 2 }],
    });
  });

  it('is dropped by an immediate change, refuses a second one, and can be withdrawn', async () => {
    await begin();
    const scheduled = (
      await bought.user.post('/orders', change(bought.subscription, 2, { scheduledOn: 'renewal' }))
    ).body;
    await bought.simulator.control.advance(100);
    expect(
      (await bought.user.post('/orders', change(bought.subscription, 3, { scheduledOn: 'renewal' }))).body
        .message,
    ).toContain('(AS)');
    await bought.user.post('/orders', change(bought.subscription, 9));
    expect(await bought.order(scheduled.id)).toMatchObject({ status: 'cancelled', statusCode: 'CL' });
    await bought.simulator.control.advance(100);
    const again = (
      await bought.user.post('/orders', change(bought.subscription, 4, { scheduledOn: 'renewal' }))
    ).body;
    await bought.simulator.control.advance(100);
    expect((await bought.user.patch(`/orders/${again.id}`, { statusCode: 'CL' })).body.status).toBe(
      'cancelled',
    );
    await bought.days(366);
    expect((await bought.detail()).products[0].quantity).toBe(9);
  });

  it('forbids an immediate change when this CMP is that strict', async () => {
    await begin({ quirks: { scheduledBlocksChanges: true, refusalStatus: 400 } });
    await bought.user.post('/orders', change(bought.subscription, 2, { scheduledOn: 'renewal' }));
    await bought.simulator.control.advance(100);
    expect((await bought.user.post('/orders', change(bought.subscription, 9))).status).toBe(500);
  });
});
