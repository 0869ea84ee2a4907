import { daysAhead, runSchedules, type Schedules } from '../../test/schedules.fixture.ts';

let schedules: Schedules;
beforeAll(async () => {
  schedules = await runSchedules();
});
afterAll(() => schedules.stop());

const planned = async (more: object = {}, subscription?: string) => {
  const subscriptionId = subscription ?? (await schedules.subscribed());
  const body = { subscriptionId, kind: 'change-quantity', seats: 12, at: daysAhead(1), ...more };
  return { subscriptionId, id: (await schedules.plan(body)).body.id as string };
};
const ordersFor = async (id: string) =>
  (await schedules.pool.query('select id from orders where scheduled_change_id = $1', [id])).rows;

describe('a scheduled change whose time has come', () => {
  it('is not taken before', async () => {
    await planned();
    expect(await schedules.takeOne()).toBe(false);
  });

  it('is ordered like any order, once, however many workers look', async () => {
    const changes = await Promise.all(Array.from({ length: 12 }, () => planned()));
    for (const { id } of changes) await schedules.comeDue(id);
    const workers = Array.from({ length: 4 }, async () => {
      while (await schedules.takeOne());
    });
    await Promise.all(workers);
    for (const { id, subscriptionId } of changes) {
      const [order] = await ordersFor(id);
      expect(await ordersFor(id)).toHaveLength(1);
      expect(await schedules.change(id)).toMatchObject({ status: 'ordered', orderId: order.id });
      expect(await schedules.ordersOf(subscriptionId)).toMatchObject([{ status: 'planned', seats: 12 }]);
      expect(await schedules.told(id)).toEqual(['planned', 'ordered']);
    }
    const read = await schedules.call('GET', `/v1/orders/${(await ordersFor(changes[0]!.id))[0].id}`);
    expect(read.body.history).toMatchObject([{ status: 'planned' }]);
  });

  it('is estimated by the refunds that the marketplace gives', async () => {
    const line = {
      mpn: 'CFQ7TTC0LH18:0001',
      vendor: 'MICROSOFT',
      productId: 'P1',
      name: 'Basic',
      quantity: 10,
    };
    const bought = {
      creationDate: daysAhead(0),
      asOf: daysAhead(0),
      billingPeriod: { type: 'month', duration: 1 },
      term: { type: 'year', duration: 1 },
      lines: [{ ...line, unitPrice: { amount: '9.00', currency: 'USD' } }],
    };
    const refund = async (fullRefundFirstDay: boolean) => {
      const subscriptionId = await schedules.subscribed(bought);
      const { id } = await planned({ kind: 'cancel', seats: undefined }, subscriptionId);
      await schedules.comeDue(id);
      expect(await schedules.takeOne({ tolerancePercent: 0, fullRefundFirstDay })).toBe(true);
      const [order] = await schedules.ordersOf(subscriptionId);
      return Number(order.total.amount);
    };
    expect(await refund(true)).toBe(-90);
    expect(await refund(false)).toBeGreaterThan(-90);
  });

  it('whose worker dies between taking and ordering it is as it was, and is ordered once by the next', async () => {
    const { id, subscriptionId } = await planned();
    await schedules.comeDue(id);
    const [{ connector_id: connector, cmp_subscription_id: cmp }] = (
      await schedules.pool.query(
        'select connector_id, cmp_subscription_id from subscriptions where id = $1',
        [subscriptionId],
      )
    ).rows;
    // Somebody else is just placing an order of the same queue: the worker waits, holding the change.
    await schedules.beside(async (other) => {
      const queue = `${connector} subscription ${cmp}`;
      await other.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [queue]);
      const died = expect(schedules.takeOne()).rejects.toThrow();
      await other.query('select pg_terminate_backend($1)', [await schedules.waitingFor(other)]);
      await died;
    });
    expect(await schedules.change(id)).toMatchObject({ status: 'planned', orderId: null, version: 1 });
    expect(await ordersFor(id)).toEqual([]);

    await schedules.comeDue(id);
    expect(await schedules.takeOne()).toBe(true);
    expect(await schedules.takeOne()).toBe(false);
    expect(await ordersFor(id)).toHaveLength(1);
    expect(await schedules.told(id)).toEqual(['planned', 'ordered']);
  });

  it('can have no second order, whoever tries', async () => {
    const { id } = await planned();
    await schedules.comeDue(id);
    await schedules.takeOne();
    await schedules.pool.query(
      "update scheduled_changes set status = 'planned', next_try_at = now() where id = $1",
      [id],
    );
    await expect(schedules.takeOne()).rejects.toThrow('orders_of_scheduled_change');
    expect(await ordersFor(id)).toHaveLength(1);
    await schedules.pool.query(
      "update scheduled_changes set status = 'ordered', next_try_at = null where id = $1",
      [id],
    );
  });

  it('that cannot be processed does not stand in the way of the others', async () => {
    const [stuck, next] = [await planned(), await planned()];
    await schedules.comeDue(stuck.id);
    await schedules.comeDue(next.id);
    await schedules.pool.query("update subscriptions set state = 'null' where id = $1", [
      stuck.subscriptionId,
    ]);
    await expect(schedules.takeOne()).rejects.toThrow();
    expect(await schedules.takeOne()).toBe(true);
    expect((await schedules.change(next.id)).status).toBe('ordered');
    expect(await ordersFor(stuck.id)).toEqual([]);
    await schedules.pool.query('update scheduled_changes set next_try_at = null where id = $1', [stuck.id]);
  });

  it('while it is being edited waits for that, and is ordered as it was edited', async () => {
    const { id, subscriptionId } = await planned();
    await schedules.comeDue(id);
    await schedules.beside(async (editor) => {
      await editor.query('update scheduled_changes set seats = 17, version = version + 1 where id = $1', [
        id,
      ]);
      expect(await schedules.takeOne()).toBe(false);
    });
    expect(await schedules.takeOne()).toBe(true);
    expect(await schedules.ordersOf(subscriptionId)).toMatchObject([{ seats: 17 }]);
  });

  it('edited a moment too late is ordered as it was, and the editor told so', async () => {
    const { id, subscriptionId } = await planned();
    await schedules.comeDue(id);
    const edit = () =>
      schedules.call(
        'PATCH',
        `/v1/scheduled-changes/${id}`,
        { seats: 20, at: daysAhead(3) },
        { 'if-match': '"1"' },
      );
    const [taken, edited] = await Promise.all([schedules.takeOne(), edit()]);
    const [order] = await schedules.ordersOf(subscriptionId);
    if (taken) expect([edited.status, order.seats]).toEqual([409, 12]);
    else expect([edited.status, order]).toEqual([200, undefined]);
  });

  it('that is refused then has failed, with the reason, and somebody is told', async () => {
    const { id, subscriptionId } = await planned({ seats: 4 });
    await schedules.comeDue(id);
    expect(await schedules.takeOne()).toBe(true);
    const failed = await schedules.change(id);
    expect(failed).toMatchObject({
      status: 'failed',
      reason: { code: 'decrease-outside-window' },
      orderId: null,
    });
    expect(failed.reason.nextStep).toContain('4 seats for the renewal');
    expect(await schedules.ordersOf(subscriptionId)).toEqual([]);
    const said = (await schedules.said()).filter(({ data }) => data.scheduledChangeId === id);
    expect(said.at(-1)!.data).toMatchObject({
      status: 'failed',
      reason: { code: 'decrease-outside-window' },
    });
  });
});
