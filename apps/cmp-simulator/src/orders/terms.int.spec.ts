import { Bought, change } from '../../test/orders.fixture.ts';

let bought: Bought;
const begin = async (...how: Parameters<typeof Bought.start>) => {
  bought = await Bought.start(...how);
};
afterEach(() => bought.simulator.close());

describe('an end', () => {
  it('by cancellation is possible for 168 hours; then the record is terminated, and removed thirty days later', async () => {
    await begin();
    await bought.simulator.control.advance(168 * 3600);
    const cancellation = {
      type: 'cancellation',
      customerId: bought.subscription.customerId,
      subscriptionId: bought.id,
    };
    const { body } = await bought.user.post('/orders', cancellation);
    expect(body).toMatchObject({
      orderNumber: expect.stringMatching(/^CL/),
      subscriptionId: bought.id,
    });
    expect(body.products ?? body.details).toBeUndefined();
    expect(Number(body.total.amount)).toBeLessThan(0);
    await bought.simulator.control.advance(100);
    expect((await bought.detail()).status).toBe('terminated');
    await bought.days(29);
    expect((await bought.detail()).status).toBe('terminated');
    await bought.days(1);
    expect((await bought.detail()).status).toBe('removed');
  });

  it('by cancellation is refused a minute after the window', async () => {
    await begin();
    await bought.simulator.control.advance(168 * 3600 + 60);
    const refused = await bought.user.post('/orders', {
      type: 'cancellation',
      customerId: bought.subscription.customerId,
      products: [{ subscriptionId: bought.id }],
    });
    expect(refused).toMatchObject({
      status: 500,
      body: { message: expect.stringContaining('cancellation window') },
    });
  });

  it('may be put off, where there is an extended service term: by the month, without an order, until it is cancelled', async () => {
    await begin();
    await bought.simulator.control.quirks({ extendedServiceTerm: true });
    await bought.user.patch(`/subscriptions/${bought.id}`, { renewalStatus: false });
    await bought.days(365);
    const { status, renewalStatus, subscriptionPeriod } = await bought.detail();
    expect({ status, renewalStatus, subscriptionPeriod }).toEqual({
      ...{ status: 'active', renewalStatus: false, subscriptionPeriod: { type: 'month', duration: 1 } },
    });
    await bought.days(50);
    expect((await bought.orders()).map(({ type }) => type)).toEqual(['sales']);
    const { customerId } = bought.subscription;
    const cancelled = await bought.user.post('/orders', {
      type: 'cancellation',
      customerId,
      subscriptionId: bought.id,
    });
    expect(cancelled.status).toBe(200);
    await bought.simulator.control.advance(100);
    expect((await bought.detail()).status).toBe('terminated');
  });

  it('is not what a renewal date that is shown wrongly tells, nor is an upgrade a new window', async () => {
    await begin();
    await bought.days(30);
    const { control } = bought.simulator;
    await control.patchSubscription(bought.id, { shownRenewalDate: '9999-12-31' });
    expect((await bought.detail()).renewalDate).toBe('9999-12-31');
    await control.patchSubscription(bought.id, {
      shownRenewalDate: null,
      upgradeTerm: { type: 'year', duration: 3 },
    });
    expect((await bought.detail()).subscriptionPeriod).toEqual({ type: 'year', duration: 3 });
    const { customerId } = bought.subscription;
    const refused = await bought.user.post('/orders', {
      type: 'cancellation',
      customerId,
      subscriptionId: bought.id,
    });
    expect(refused.status).toBe(500);
  });

  it('by auto-renew off comes with the term, without any order', async () => {
    await begin();
    expect(
      (await bought.user.patch(`/subscriptions/${bought.id}`, { renewalStatus: false })).body.renewalStatus,
    ).toBe(false);
    await bought.days(364);
    expect((await bought.detail()).status).toBe('active');
    await bought.days(1);
    expect((await bought.detail()).status).toBe('terminated');
    await bought.days(30);
    expect((await bought.detail()).status).toBe('removed');
    expect((await bought.orders()).map(({ type }) => type)).toEqual(['sales']);
    expect((await bought.user.patch(`/subscriptions/${bought.id}`, { renewalStatus: true })).status).toBe(
      500,
    );
  });
});

it('an end withdraws the change that was scheduled', async () => {
  await begin();
  const { body } = await bought.user.post(
    '/orders',
    change(bought.subscription, 2, { scheduledOn: 'renewal' }),
  );
  await bought.user.patch(`/subscriptions/${bought.id}`, { renewalStatus: false });
  await bought.days(366);
  expect((await bought.detail()).status).toBe('terminated');
  expect(await bought.order(body.id)).toMatchObject({ status: 'cancelled', statusCode: 'CL' });
});

describe('a renewal', () => {
  it('is an order of its own with the old purchase order number and no lines, and opens the window again', async () => {
    await begin();
    await bought.days(366);
    const [renewal] = await bought.orders();
    expect(renewal).toMatchObject({
      type: 'renewal',
      status: 'completed',
      orderNumber: expect.stringMatching(/^RN/),
    });
    const told = await bought.order(renewal!.id);
    expect(told.poNumber).toBe('PO-TEST-1');
    expect(told.products ?? told.details).toBeUndefined();
    expect(await bought.detail()).toMatchObject({ status: 'active', renewalDate: '2028-03-01' });
    expect((await bought.user.post('/orders', change(bought.subscription, 1))).status).toBe(200);
  });

  it('of a monthly term keeps the record and follows the calendar', async () => {
    await begin({}, { subscriptionPeriod: { type: 'month', duration: 1 } });
    await bought.days(100);
    expect(await bought.detail()).toMatchObject({ status: 'active', renewalDate: '2026-07-01' });
    expect((await bought.orders()).map(({ type }) => type)).toEqual([
      'renewal',
      'renewal',
      'renewal',
      'sales',
    ]);
  });

  it('of a monthly term starts a new record when this CMP does so', async () => {
    await begin(
      { quirks: { monthlyRenewalStartsNewRecord: true } },
      { subscriptionPeriod: { type: 'month', duration: 1 } },
    );
    await bought.days(32);
    expect((await bought.detail()).status).toBe('removed');
    const rows = (
      await bought.user.get(`/subscriptions?customerId=${bought.subscription.customerId}&status=active`)
    ).body.data;
    expect(rows).toMatchObject([{ renewalDate: '2026-05-01', attributes: { PONumber: 'PO-TEST-1' } }]);
    expect(rows[0].id).not.toBe(bought.id);
  });

  it('can be ordered before the term ends', async () => {
    await begin();
    const { customerId } = bought.subscription;
    const renewal = { type: 'renewal', customerId, subscriptionId: bought.id };
    expect((await bought.user.post('/orders', renewal)).status).toBe(200);
    await bought.simulator.control.advance(100);
    expect((await bought.detail()).renewalDate).toBe('2028-03-01');
    await bought.days(366);
    expect((await bought.detail()).renewalDate).toBe('2028-03-01');
    expect((await bought.orders()).map(({ type }) => type)).toEqual(['renewal', 'sales']);
  });
});

describe('an update of a subscription', () => {
  it('takes attributes beside the old ones and refuses quantities', async () => {
    await begin();
    await bought.days(2);
    const { body } = await bought.user.patch(`/subscriptions/${bought.id}`, {
      attributes: { costCentre: '7' },
    });
    expect(body).toMatchObject({
      attributes: { PONumber: 'PO-TEST-1', costCentre: '7' },
      lastModifiedDate: '2026-03-03',
    });
    expect(
      (await bought.user.patch(`/subscriptions/${bought.id}`, { products: [{ mpn: 'x', quantity: 3 }] }))
        .status,
    ).toBe(400);
    expect((await bought.user.post(`/subscriptions/${bought.id}/specialPricing`, {})).status).toBe(400);
  });
});

it('renews what was there when the world began, and removes what had ended', async () => {
  await begin();
  const rows = async (status: string) =>
    (await bought.user.get(`/subscriptions?status=${status}&limit=500`)).body.data as {
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
  await bought.days(32);
  expect((await bought.detail(staying.id)).status).toBe('active');
  expect((await bought.orders(staying.id))[0]).toMatchObject({ type: 'renewal', status: 'completed' });
  expect((await bought.detail(leaving.id)).status).toBe('terminated');
  expect((await bought.detail(ended!.id)).status).toBe('removed');
});
