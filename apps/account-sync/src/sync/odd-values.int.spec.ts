import type { BrokenRecord } from '@isthmus/cmp-simulator';
import { eventContract, decode } from '@isthmus/contracts';
import { startSyncing, type RunRow, type Syncing } from '../../test/syncing.fixture.ts';

let sync: Syncing;
beforeAll(async () => {
  sync = await startSyncing();
  await sync.run({ scope: 'accounts' });
  await sync.run({});
});
afterAll(() => sync.stop());
beforeEach(() => sync.eventCounts());
afterEach(() => sync.simulator.control.mendRecords());

const odd = (resource: BrokenRecord['resource'], id: string, how: BrokenRecord['how']) =>
  sync.simulator.control.breakRecord({ resource, id, how });

/** Active subscriptions of one line, each with what is known of it. */
const active = async (count: number) => {
  const { rows } = await sync.pool.query<{ cmp_id: string; quantity: number; version: number }>(
    `select cmp_id, quantity, version from provider_subscriptions
     where status = 'active' and gone_at is null and json_array_length(lines) = 1 order by cmp_id limit $1`,
    [count],
  );
  return rows;
};
const subscription = (cmpId: string) =>
  sync.one('select * from provider_subscriptions where cmp_id = $1', [cmpId]);
const recordsOf = async ({ id }: RunRow) => {
  const { rows } = await sync.pool.query<{ r: Record<string, string> }>(
    'select r from sync_run_batches b, json_array_elements(b.records) r where run_id = $1',
    [id],
  );
  return rows.map(({ r }) => r);
};
const asideOf = async (run: RunRow, cmpId: string) =>
  (await recordsOf(run)).filter((record) => record.cmpId === cmpId && record.result === 'set-aside');
const seats = (cmpId: string, quantity: number) =>
  sync.simulator.control.patchSubscription(cmpId, { quantity, viaOrder: false });

describe('a detail that cannot be kept', () => {
  it.each([
    ['quantity-fraction', 'quantity'],
    ['quantity-overflow', 'quantity'],
    ['quantity-negative', 'quantity'],
    ['amount-comma', 'comma'],
    ['name-a-number', 'name'],
    ['year-zero', 'Date'],
  ] as const)(
    'by %s is set aside with its reason; the others of its handful are stored',
    async (how, reason) => {
      const [broken, sound] = await active(2);
      await seats(broken!.cmp_id, broken!.quantity + 3);
      await seats(sound!.cmp_id, sound!.quantity + 5);
      await odd('subscriptions', broken!.cmp_id, how);

      for (const round of [1, 2]) {
        // By its date alone CMP does not tell a second change of one day.
        await sync.pool.query(
          'update provider_subscriptions set detail_wanted_at = now() where cmp_id = any($1)',
          [[broken!.cmp_id, sound!.cmp_id]],
        );
        const run = await sync.run({});
        expect(run).toMatchObject({
          status: 'succeeded',
          complete: true,
          failure: null,
          counts: { ended: 0 },
        });
        expect(run.counts.setAside).toBeGreaterThan(0);
        const aside = await asideOf(run, broken!.cmp_id);
        expect(aside.at(-1)!.reason).toContain(reason);
        expect(await subscription(broken!.cmp_id)).toMatchObject({
          quantity: broken!.quantity,
          gone_at: null,
        });
        expect(await subscription(sound!.cmp_id)).toMatchObject({ quantity: sound!.quantity + 5 });
        expect([round, sync.paused]).toEqual([round, []]);
      }

      await sync.simulator.control.mendRecords();
      await sync.pool.query('update provider_subscriptions set detail_wanted_at = now() where cmp_id = $1', [
        broken!.cmp_id,
      ]);
      await sync.run({});
      expect(await subscription(broken!.cmp_id)).toMatchObject({
        quantity: broken!.quantity + 3,
        detail_failure: null,
      });
    },
  );
});

describe('a subscription in an unusual form that can be read', () => {
  it.each([
    ['period-zero', { billing_period: null, term: null }],
    ['period-fraction', { billing_period: null, term: null }],
    ['amount-exponent', {}],
    ['quantity-exponent', {}],
    ['currency-old', {}],
    ['currency-lower-case', {}],
    ['far-future', { renewal_date: expect.anything() }],
    ['nul-in-name', {}],
    ['half-an-emoji', {}],
    ['name-too-long', {}],
  ] as const)('such as %s is stored', async (how, expected) => {
    const { cmp_id, quantity } = (await active(1))[0]!;
    await seats(cmp_id, quantity + 1);
    await odd('subscriptions', cmp_id, how);
    await sync.pool.query('update provider_subscriptions set detail_wanted_at = now() where cmp_id = $1', [
      cmp_id,
    ]);
    const run = await sync.run({});
    expect(run).toMatchObject({ status: 'succeeded', counts: { setAside: 0, failed: 0 } });
    const stored = await subscription(cmp_id);
    expect(stored).toMatchObject({ quantity: quantity + 1, ...expected });
    expect(stored.name.length).toBeLessThanOrEqual(500);
    await sync.simulator.control.mendRecords();
    await sync.pool.query('update provider_subscriptions set detail_wanted_at = now() where cmp_id = $1', [
      cmp_id,
    ]);
    await sync.run({});
  });
});

describe('an account in an unusual form', () => {
  it.each(['nul-in-name', 'half-an-emoji', 'name-too-long', 'id-with-nul', 'name-a-number'] as const)(
    'such as %s keeps no newcomer out',
    async (how) => {
      const { cmp_id } = await sync.one(
        `select cmp_id from provider_accounts where status = 'active' and gone_at is null order by cmp_id desc limit 1`,
      );
      await odd('customers', cmp_id, how);
      const [newcomer] = await sync.simulator.control.addCustomers({ count: 1 });
      const run = await sync.run({ scope: 'accounts' });
      expect(run).toMatchObject({ status: 'succeeded', counts: { appeared: 1, ended: 0 } });
      expect(
        await sync.one('select gone_at from provider_accounts where cmp_id = $1', [newcomer!.id]),
      ).toEqual({ gone_at: null });
      expect(
        await sync.one(
          'select gone_at, length(name) <= 500 as fits from provider_accounts where cmp_id = $1',
          [cmp_id],
        ),
      ).toEqual({ gone_at: null, fits: true });
    },
  );

  it('that the database does not take is set aside alone, though nobody foresaw it', async () => {
    const { rows } = await sync.pool.query<{ cmp_id: string; name: string }>(
      `select cmp_id, name from provider_accounts where gone_at is null order by cmp_id limit 9`,
    );
    await sync.pool.query(
      `alter table provider_accounts add constraint unforeseen check (name not like 'Nobody%')`,
    );
    for (const [n, { cmp_id }] of rows.entries())
      await sync.simulator.control.patchCustomer(cmp_id, {
        name: `${n % 4 === 2 ? 'Nobody' : 'Somebody'} ${n}`,
      });
    for (const round of [1, 2]) {
      const run = await sync.run({ scope: 'accounts' });
      expect(run).toMatchObject({
        status: 'succeeded',
        counts: { changed: round === 1 ? 7 : 0, setAside: 2, ended: 0 },
      });
      const [aside] = await asideOf(run, rows[2]!.cmp_id);
      expect(aside!.reason).toContain('cannot be stored: new row');
    }
    const names = await sync.pool.query<{ name: string }>(
      'select name from provider_accounts where cmp_id = any($1) order by cmp_id',
      [rows.map(({ cmp_id }) => cmp_id)],
    );
    expect(names.rows.map(({ name }) => name)).toEqual(
      rows.map(({ name }, n) => (n % 4 === 2 ? name : `Somebody ${n}`)),
    );
    expect((await sync.eventCounts())['provider-account-changed']).toBe(7);
    await sync.pool.query('alter table provider_accounts drop constraint unforeseen');
    expect((await sync.run({ scope: 'accounts' })).counts).toMatchObject({ changed: 2, setAside: 0 });
  });
});

describe('an order in an unusual form', () => {
  const order = (cmpId: string) => sync.one('select * from provider_orders where cmp_id = $1', [cmpId]);
  const newOrder = async () => {
    const bought = await sync.simulator.control.buySubscription({});
    await sync.simulator.control.advance(5);
    const { records } = await sync.cmp().orders.page({ limit: 1 });
    return { id: records[0]!.id!, subscription: bought.id! };
  };

  it.each(['amount-exponent', 'amount-comma', 'currency-old', 'nul-in-name', 'amount-not-a-number'] as const)(
    'such as %s is stored, and what it brought is read',
    async (how) => {
      const { id, subscription: bought } = await newOrder();
      await odd('orders', id, how);
      const run = await sync.run({ depth: 'incremental' });
      expect(run).toMatchObject({ status: 'succeeded', failure: null });
      expect(await order(id)).toMatchObject({ status: 'completed' });
      if (how !== 'amount-not-a-number') expect(await subscription(bought)).toMatchObject({ gone_at: null });
    },
  );

  it('that cannot be read is set aside, and is taken when it can be, long after the cursor has passed it', async () => {
    const { id, subscription: bought } = await newOrder();
    const { id: other } = await newOrder();
    await odd('orders', id, 'year-zero');
    for (let round = 0; round < 2; round++) {
      const run = await sync.run({ depth: 'incremental' });
      expect(run).toMatchObject({ status: 'succeeded', counts: { setAside: 1 } });
      expect((await asideOf(run, id))[0]!.reason).toContain('creationDate');
      expect(await order(id)).toBeUndefined();
      expect(await order(other)).toMatchObject({ status: 'completed' });
    }
    await sync.pool.query(`update order_cursors set newest = now() + interval '2 days'`);
    expect((await sync.run({ depth: 'incremental' })).counts.setAside).toBe(1);
    await sync.simulator.control.mendRecords();
    await sync.run({ depth: 'incremental' });
    expect(await order(id)).toMatchObject({ status: 'completed' });
    expect(await subscription(bought)).toMatchObject({ gone_at: null });
    expect(await sync.one('select unread from order_cursors')).toEqual({ unread: [] });
  });

  it('that was open and cannot be read by itself stops nobody', async () => {
    await sync.pool.query('update order_cursors set newest = now()');
    const { id } = await newOrder();
    await sync.run({ depth: 'incremental' });
    await sync.pool.query(
      `update provider_orders set status = 'processing', hash = gen_random_uuid() where cmp_id = $1`,
      [id],
    );
    await sync.pool.query(`update order_cursors set newest = now() + interval '2 days'`);
    await odd('orders', id, 'dates-wrong');
    const run = await sync.run({ depth: 'incremental' });
    expect(run).toMatchObject({ status: 'succeeded', counts: { setAside: 1 } });
    await sync.simulator.control.mendRecords();
    await sync.run({ depth: 'incremental' });
    expect(await order(id)).toMatchObject({ status: 'completed' });
  });

  it('dated in the far future does not hide those that come before it', async () => {
    await sync.pool.query('update order_cursors set newest = now()');
    const { id } = await newOrder();
    await odd('orders', id, 'far-future');
    await sync.run({ depth: 'incremental' });
    expect(await order(id)).toBeDefined();
    const next = await newOrder();
    await sync.run({ depth: 'incremental' });
    expect(await order(next.id)).toMatchObject({ status: 'completed' });
  });
});

it('of all these nothing was said that a consumer would not take', async () => {
  const { rows } = await sync.pool.query<{ type: string; data: object }>(`select type, data from outbox`);
  expect(rows.length).toBeGreaterThan(1_000);
  for (const { type, data } of rows) {
    expect(() => decode(eventContract(type)!.type, data)).not.toThrow();
    expect(JSON.stringify(data)).not.toMatch(/\\u0000|\\ud[89ab]/);
  }
});
