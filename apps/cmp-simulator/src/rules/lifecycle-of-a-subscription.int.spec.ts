import type { RunningSimulator } from '../start-simulator.ts';
import { change, sale } from '../testbed/bodies.fixture.spec.ts';
import { CmpUser } from '../testbed/cmp-user.fixture.spec.ts';
import { quietSimulator } from '../testbed/quiet-simulator.fixture.spec.ts';

let simulator: RunningSimulator;
let user: CmpUser;
afterEach(() => simulator.close());

async function bought(
  options: Parameters<typeof quietSimulator>[0] = {},
  line: object = {},
  more: object = {},
) {
  simulator = await quietSimulator(options);
  user = new CmpUser(simulator);
  const [customer] = await simulator.control.addCustomers({});
  const { body } = await user.post('/orders', sale(customer!.id, more, line));
  await simulator.control.advance(100);
  return (await user.get(`/subscriptions/${(await user.get(`/orders/${body.id}`)).body.subscriptionId}`))
    .body;
}
const detail = async (id: string) => (await user.get(`/subscriptions/${id}`)).body;
const order = async (id: string) => (await user.get(`/orders/${id}`)).body;
const ordersOf = async (id: string) =>
  (await user.get(`/orders?subscriptionId=${id}`)).body.data as {
    id: string;
    type: string;
    orderNumber: string;
    status: string;
    statusCode: string;
  }[];
const days = (n: number) => simulator.control.advance(n * 86_400);

describe('seats', () => {
  it('are posted as a total and told as a difference; they count when the order is completed', async () => {
    const subscription = await bought();
    const { body } = await user.post('/orders', change(subscription, 8, { poNumber: 'PO-2' }));
    expect(body).toMatchObject({
      orderNumber: expect.stringMatching(/^CH/),
      subscriptionId: subscription.id,
      poNumber: 'PO-2',
      products: [{ quantity: 3 }],
    });
    expect((await detail(subscription.id)).products[0].quantity).toBe(5);
    await simulator.control.advance(100);
    const after = await detail(subscription.id);
    expect(after.products[0].quantity).toBe(8);
    expect(after.attributes.PONumber).toBe('PO-TEST-1');
    expect((await order(body.id)).products[0].quantity).toBe(3);
  });

  it('are posted as a difference when that is how this CMP reads them', async () => {
    const subscription = await bought({ quirks: { changeQuantity: 'delta' } });
    await user.post('/orders', change(subscription, 3));
    await simulator.control.advance(100);
    expect((await detail(subscription.id)).products[0].quantity).toBe(8);
  });

  it('cannot be changed twice at once: the documented 500', async () => {
    const subscription = await bought();
    const first = (await user.post('/orders', change(subscription, 8))).body;
    const refused = await user.post('/orders', change(subscription, 9));
    expect(refused.status).toBe(500);
    expect(refused.body.message).toBe(
      `Cannot Upgrade/Downgrade Resources for Subscription #${subscription.id}: there is already an Upgrade/Downgrade Order #${first.orderNumber} in status Waiting for Payment(WP). This order prohibits placing an order of the same order type (per subscription). Please either cancel conflicting order or wait until it is processed by the system.`,
    );
    await simulator.control.advance(100);
    expect((await user.post('/orders', change(subscription, 9))).status).toBe(200);
  });

  it('may go down within seven days of being added, each lot by itself, and not a minute later', async () => {
    const subscription = await bought();
    await days(5);
    await user.post('/orders', change(subscription, 8));
    await simulator.control.advance(100);
    await days(3);
    expect(await user.post('/orders', change(subscription, 4))).toMatchObject({
      status: 500,
      body: { message: expect.stringContaining('outside of the cancellation window') },
    });
    expect((await user.post('/orders', change(subscription, 5))).body.products[0].quantity).toBe(-3);
    await simulator.control.advance(100);
    expect((await user.post('/orders', change(subscription, 4))).status).toBe(500);
  });

  it('stay between one and the maximum, and must differ', async () => {
    const subscription = await bought();
    for (const total of [0, -1, 301, 5])
      expect((await user.post('/orders', change(subscription, total))).status).toBe(400);
  });

  it('cost the rest of the billing period', async () => {
    const subscription = await bought();
    await days(15);
    const { body } = await user.post('/orders/estimate', change(subscription, 7));
    expect(body.total.amount).toBe((2 * 6 * (16 / 31)).toFixed(2));
  });

  it('of an unknown, foreign or ended subscription cannot be changed', async () => {
    const subscription = await bought();
    expect((await user.post('/orders', change({ ...subscription, id: '1' }, 7))).status).toBe(400);
    expect(
      (await user.post('/orders', change({ ...subscription, customerId: '1000100001' }, 7))).status,
    ).toBe(400);
    await simulator.control.patchSubscription(subscription.id, { status: 'terminated' });
    expect((await user.post('/orders', change(subscription, 7))).body.message).toContain('terminated');
  });
});

describe('a change scheduled for renewal', () => {
  it('waits in processing (AS) with its target, and takes effect with the renewal', async () => {
    const subscription = await bought();
    await days(30);
    const { body } = await user.post('/orders', change(subscription, 2, { scheduledOn: 'renewal' }));
    await days(30);
    expect(await order(body.id)).toMatchObject({
      status: 'processing',
      statusCode: 'AS',
      scheduledOn: 'renewal',
      products: [{ quantity: 2 }],
    });
    expect((await detail(subscription.id)).products[0].quantity).toBe(5);
    await days(310);
    expect(await order(body.id)).toMatchObject({
      status: 'completed',
      statusCode: 'CP',
      products: [{ quantity: 2 }],
    });
    expect(await detail(subscription.id)).toMatchObject({
      renewalDate: '2028-03-01',
      products: [{ quantity: 2 }],
    });
  });

  it('is dropped by an immediate change, refuses a second one, and can be withdrawn', async () => {
    const subscription = await bought();
    const scheduled = (await user.post('/orders', change(subscription, 2, { scheduledOn: 'renewal' }))).body;
    await simulator.control.advance(100);
    expect(
      (await user.post('/orders', change(subscription, 3, { scheduledOn: 'renewal' }))).body.message,
    ).toContain('(AS)');
    await user.post('/orders', change(subscription, 9));
    expect(await order(scheduled.id)).toMatchObject({ status: 'cancelled', statusCode: 'CL' });
    await simulator.control.advance(100);
    const again = (await user.post('/orders', change(subscription, 4, { scheduledOn: 'renewal' }))).body;
    await simulator.control.advance(100);
    expect((await user.patch(`/orders/${again.id}`, { statusCode: 'CL' })).body.status).toBe('cancelled');
    await days(366);
    expect((await detail(subscription.id)).products[0].quantity).toBe(9);
  });

  it('forbids an immediate change when this CMP is that strict', async () => {
    const subscription = await bought({ quirks: { scheduledBlocksChanges: true, refusalStatus: 400 } });
    await user.post('/orders', change(subscription, 2, { scheduledOn: 'renewal' }));
    await simulator.control.advance(100);
    expect((await user.post('/orders', change(subscription, 9))).status).toBe(500);
  });
});

describe('an end', () => {
  it('by cancellation is possible for 168 hours; then the record is terminated, and removed thirty days later', async () => {
    const subscription = await bought();
    await simulator.control.advance(168 * 3600);
    const cancellation = {
      type: 'cancellation',
      customerId: subscription.customerId,
      subscriptionId: subscription.id,
    };
    const { body } = await user.post('/orders', cancellation);
    expect(body).toMatchObject({
      orderNumber: expect.stringMatching(/^CL/),
      subscriptionId: subscription.id,
    });
    expect(body.products ?? body.details).toBeUndefined();
    expect(Number(body.total.amount)).toBeLessThan(0);
    await simulator.control.advance(100);
    expect((await detail(subscription.id)).status).toBe('terminated');
    await days(29);
    expect((await detail(subscription.id)).status).toBe('terminated');
    await days(1);
    expect((await detail(subscription.id)).status).toBe('removed');
  });

  it('by cancellation is refused a minute after the window', async () => {
    const subscription = await bought();
    await simulator.control.advance(168 * 3600 + 60);
    const refused = await user.post('/orders', {
      type: 'cancellation',
      customerId: subscription.customerId,
      products: [{ subscriptionId: subscription.id }],
    });
    expect(refused).toMatchObject({
      status: 500,
      body: { message: expect.stringContaining('cancellation window') },
    });
  });

  it('by auto-renew off comes with the term, without any order', async () => {
    const subscription = await bought();
    expect(
      (await user.patch(`/subscriptions/${subscription.id}`, { renewalStatus: false })).body.renewalStatus,
    ).toBe(false);
    await days(364);
    expect((await detail(subscription.id)).status).toBe('active');
    await days(1);
    expect((await detail(subscription.id)).status).toBe('terminated');
    await days(30);
    expect((await detail(subscription.id)).status).toBe('removed');
    expect((await ordersOf(subscription.id)).map(({ type }) => type)).toEqual(['sales']);
    expect((await user.patch(`/subscriptions/${subscription.id}`, { renewalStatus: true })).status).toBe(500);
  });
});

describe('a renewal', () => {
  it('is an order of its own with the old purchase order number and no lines, and opens the window again', async () => {
    const subscription = await bought();
    await days(366);
    const [renewal] = await ordersOf(subscription.id);
    expect(renewal).toMatchObject({
      type: 'renewal',
      status: 'completed',
      orderNumber: expect.stringMatching(/^RN/),
    });
    const told = await order(renewal!.id);
    expect(told.poNumber).toBe('PO-TEST-1');
    expect(told.products ?? told.details).toBeUndefined();
    expect(await detail(subscription.id)).toMatchObject({ status: 'active', renewalDate: '2028-03-01' });
    expect((await user.post('/orders', change(subscription, 1))).status).toBe(200);
  });

  it('of a monthly term keeps the record and follows the calendar', async () => {
    const subscription = await bought({}, {}, { subscriptionPeriod: { type: 'month', duration: 1 } });
    await days(100);
    expect(await detail(subscription.id)).toMatchObject({ status: 'active', renewalDate: '2026-07-01' });
    expect((await ordersOf(subscription.id)).map(({ type }) => type)).toEqual([
      'renewal',
      'renewal',
      'renewal',
      'sales',
    ]);
  });

  it('of a monthly term starts a new record when this CMP does so', async () => {
    const subscription = await bought(
      { quirks: { monthlyRenewalStartsNewRecord: true } },
      {},
      { subscriptionPeriod: { type: 'month', duration: 1 } },
    );
    await days(32);
    expect((await detail(subscription.id)).status).toBe('removed');
    const rows = (await user.get(`/subscriptions?customerId=${subscription.customerId}&status=active`)).body
      .data;
    expect(rows).toMatchObject([{ renewalDate: '2026-05-01', attributes: { PONumber: 'PO-TEST-1' } }]);
    expect(rows[0].id).not.toBe(subscription.id);
  });

  it('can be ordered before the term ends', async () => {
    const subscription = await bought();
    expect(
      (
        await user.post('/orders', {
          type: 'renewal',
          customerId: subscription.customerId,
          subscriptionId: subscription.id,
        })
      ).status,
    ).toBe(200);
    await simulator.control.advance(100);
    expect((await detail(subscription.id)).renewalDate).toBe('2028-03-01');
  });
});

describe('an update of a subscription', () => {
  it('takes attributes beside the old ones and refuses quantities', async () => {
    const subscription = await bought();
    await days(2);
    const { body } = await user.patch(`/subscriptions/${subscription.id}`, {
      attributes: { costCentre: '7' },
    });
    expect(body).toMatchObject({
      attributes: { PONumber: 'PO-TEST-1', costCentre: '7' },
      lastModifiedDate: '2026-03-03',
    });
    expect(
      (await user.patch(`/subscriptions/${subscription.id}`, { products: [{ mpn: 'x', quantity: 3 }] }))
        .status,
    ).toBe(400);
    expect((await user.post(`/subscriptions/${subscription.id}/specialPricing`, {})).status).toBe(400);
  });
});

it('renews what was there when the world began, and removes what had ended', async () => {
  simulator = await quietSimulator();
  user = new CmpUser(simulator);
  const rows = async (status: string) =>
    (await user.get(`/subscriptions?status=${status}&limit=500`)).body.data as {
      id: string;
      renewalStatus: boolean;
      subscriptionPeriod: { type: string };
    }[];
  const monthly = (await rows('active')).filter(
    ({ subscriptionPeriod }) => subscriptionPeriod.type === 'month',
  );
  const [staying, leaving] = [
    monthly.find((row) => row.renewalStatus)!,
    monthly.find((row) => !row.renewalStatus)!,
  ];
  const [ended] = await rows('terminated');
  await days(32);
  expect((await detail(staying.id)).status).toBe('active');
  expect((await ordersOf(staying.id))[0]).toMatchObject({ type: 'renewal', status: 'completed' });
  expect((await detail(leaving.id)).status).toBe('terminated');
  expect((await detail(ended!.id)).status).toBe('removed');
});
