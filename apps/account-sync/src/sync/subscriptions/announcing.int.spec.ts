import type { CmpSubscriptionDetail } from '@isthmus/cmp-client';
import { startSyncing, type Syncing } from '../../../test/syncing.fixture.ts';

let sync: Syncing;
let cmp: Syncing['simulator']['control'];
beforeAll(async () => {
  sync = await startSyncing({ world: { customers: 40, subscriptions: 300 } });
  cmp = sync.simulator.control;
  await sync.run({ scope: 'accounts' });
  await sync.run({});
});
afterAll(() => sync.stop());
beforeEach(async () => {
  await cmp.clearFaults();
  await cmp.mendRecords();
  await sync.run({});
  await events();
});

let position = 0;
/** Events about subscriptions since the last call, oldest first. */
async function events() {
  const { rows } = await sync.pool.query(
    `select position, type as subject, data, aggregate_version::int as version, aggregate_id as id from outbox
     where position > $1 and type like 'account-sync.provider-subscription-%' order by position`,
    [position],
  );
  position = Number(rows.at(-1)?.position ?? position);
  return rows.map(({ subject, data, version, id }) => ({
    what: String(subject).replace('account-sync.provider-subscription-', '').replace('.v1', ''),
    data,
    version,
    id,
  }));
}
const row = (cmpId: string) => sync.one('select * from provider_subscriptions where cmp_id = $1', [cmpId]);
const hide = (...ids: string[]) =>
  cmp.fault({ kind: 'unlisted', match: { path: '^/subscriptions' }, times: null, ids } as never);
/** What the run's records say of subscriptions. */
const recorded = async (runId: string) => {
  const { rows } = await sync.pool.query<{ cmpId: string; result: string }>(
    `select r->>'cmpId' as "cmpId", r->>'result' as result from sync_run_batches b, json_array_elements(b.records) r
     where b.run_id = $1 and r->>'kind' = 'provider-subscription' order by b.seq`,
    [runId],
  );
  return rows;
};
const buy = () => cmp.buySubscription({ quantity: 7 }) as Promise<CmpSubscriptionDetail>;
const active = () =>
  sync.one(
    `select * from provider_subscriptions where status = 'active' and gone_at is null and json_array_length(lines) = 1 order by random() limit 1`,
  );

describe('a new subscription', () => {
  it('is announced once, with its seats', async () => {
    const { id } = await buy();
    const run = await sync.run({});
    expect(await events()).toMatchObject([
      {
        what: 'appeared',
        version: 2,
        data: { cmpSubscriptionId: id, quantityKnown: true, lines: [{ quantity: 7 }] },
      },
    ]);
    expect(await recorded(run.id)).toEqual([{ cmpId: id, result: 'appeared' }]);
    await sync.run({});
    await sync.run({ depth: 'incremental' });
    expect(await events()).toEqual([]);
  });

  it('is kept but not announced while its detail cannot be read, and announced by a later full run', async () => {
    const { id } = await buy();
    await cmp.breakRecord({ resource: 'subscriptions', id, how: 'amount-not-a-number' });
    const run = await sync.run({});
    expect(run.status).toBe('succeeded');
    expect(new Set((await recorded(run.id)).map(({ result }) => result))).toEqual(new Set(['set-aside']));
    expect(await row(id)).toMatchObject({ status: 'active', lines: null, announced_version: null });
    await cmp.patchSubscription(id, { name: 'Renamed meanwhile' });
    await sync.run({});
    expect(await events()).toEqual([]);
    await cmp.mendRecords();
    await sync.run({});
    expect(await events()).toMatchObject([
      { what: 'appeared', data: { name: 'Renamed meanwhile', lines: [{ quantity: 7 }] } },
    ]);
  });

  it.each([
    ['ends at CMP', (id: string) => cmp.patchSubscription(id, { status: 'terminated' }), ['appeared']],
    ['is no longer listed', (id: string) => cmp.removeSubscription(id), []],
  ])(
    'that %s before it was announced never has consumers told of an end they cannot place',
    async (_, end, said) => {
      const { id } = await buy();
      await cmp.breakRecord({ resource: 'subscriptions', id, how: 'amount-not-a-number' });
      await sync.run({});
      await end(id);
      await sync.run({});
      const told = await events();
      expect(told.map(({ what }) => what)).toEqual(said);
      for (const { data } of told) expect(data).toMatchObject({ status: 'terminated', quantityKnown: false });
      expect(await row(id)).toMatchObject({ detail_wanted_at: said.length ? null : expect.any(Date) });
    },
  );

  it('that had ended before it was seen is announced from the list', async () => {
    const { id } = await buy();
    await cmp.patchSubscription(id, { status: 'terminated', viaOrder: false });
    await sync.run({});
    expect((await events()).filter(({ data }) => data.cmpSubscriptionId === id)).toMatchObject([
      { what: 'appeared', data: { status: 'terminated' } },
    ]);
  });

  it('is read before those that are known already', async () => {
    await sync.pool.query(
      `update provider_subscriptions set detail_wanted_at = now() - interval '1 day' where status = 'active' and gone_at is null`,
    );
    const { id } = await buy();
    await cmp.clearRequests();
    await sync.run({});
    const details = (await cmp.requests())
      .map(({ path }) => path)
      .filter((path) => /subscriptions\/\d/.test(path));
    expect(details.length).toBeGreaterThan(50);
    expect(details.slice(0, 8).some((path) => path.endsWith(`/${id}`))).toBe(true);
  });
});

describe('a detail that could not be read', () => {
  const failOnce = async (times: number) => {
    const { cmp_id: id, quantity } = await active();
    await cmp.patchSubscription(id, { quantity: quantity + 1, viaOrder: false });
    await cmp.breakRecord({ resource: 'subscriptions', id, how: 'amount-not-a-number' });
    await sync.pool.query('update provider_subscriptions set detail_wanted_at = now() where cmp_id = $1', [
      id,
    ]);
    for (let n = 0; n < times; n += 1) await sync.run({ trigger: 'person' });
    return { id, quantity: quantity + 1 };
  };

  it('is read by the next full run of the connector, once it is sound', async () => {
    const { id, quantity } = await failOnce(1);
    expect(await row(id)).toMatchObject({ detail_failure: expect.any(String), detail_failures: 1 });
    await cmp.mendRecords();
    await sync.run({ trigger: 'schedule' });
    expect(await row(id)).toMatchObject({
      quantity,
      detail_failure: null,
      detail_failures: 0,
      detail_wanted_at: null,
    });
    expect(await events()).toMatchObject([
      {
        what: 'changed',
        data: { changes: expect.arrayContaining([{ field: 'quantity', from: quantity - 1, to: quantity }]) },
      },
    ]);
  });

  it('is asked for but once in a run, and each time it fails the next schedule waits longer', async () => {
    const { id } = await failOnce(0);
    const waits: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      await cmp.clearRequests();
      await sync.run({ trigger: 'person' });
      const requested = (await cmp.requests()).filter(({ path }) => path.endsWith(`/${id}`));
      expect(requested).toHaveLength(1);
      const { wait } = await sync.one(
        `select extract(epoch from detail_wanted_at - now())::float8 as wait from provider_subscriptions where cmp_id = $1`,
        [id],
      );
      waits.push(Math.round(wait / 60));
    }
    expect(waits).toEqual([0, 1, 2, 4].map((minutes) => (minutes ? minutes : expect.any(Number))));
    await cmp.clearRequests();
    await sync.run({ trigger: 'schedule' });
    expect((await cmp.requests()).filter(({ path }) => path.endsWith(`/${id}`))).toEqual([]);
    expect(await row(id)).toMatchObject({ detail_failures: 4 });
  });
});

describe('a subscription missing from a complete listing', () => {
  it('ends as no longer listed, and is live again with a higher version once it is listed again', async () => {
    const { cmp_id: id, quantity } = await active();
    await hide(id);
    await sync.run({});
    const [ended] = await events();
    expect(ended).toMatchObject({
      what: 'ended',
      data: { cmpSubscriptionId: id, status: 'no-longer-listed', reason: 'no-longer-listed' },
    });
    expect(await row(id)).toMatchObject({ gone_reason: 'no-longer-listed', gone_at: expect.any(Date) });
    await cmp.clearFaults();
    await sync.run({});
    const back = await events();
    expect(back).toMatchObject([
      { what: 'appeared', data: { cmpSubscriptionId: id, status: 'active', quantityKnown: true } },
    ]);
    expect(back[0]!.data.lines[0].quantity).toBe(quantity);
    expect(back[0]!.version).toBeGreaterThan(ended!.version);
    expect(await row(id)).toMatchObject({ gone_at: null, gone_reason: null });
  });

  it.each([
    [
      'cannot be read',
      (id: string) => cmp.breakRecord({ resource: 'subscriptions', id, how: 'dates-wrong' }),
    ],
    [
      'has an amount that is none',
      (id: string) => cmp.breakRecord({ resource: 'subscriptions', id, how: 'amount-not-a-number' }),
    ],
  ])('is not meant by one that is listed but %s', async (_, spoil) => {
    const { cmp_id: id } = await active();
    await spoil(id);
    await sync.run({});
    expect((await events()).map(({ what }) => what)).not.toContain('ended');
    expect(await row(id)).toMatchObject({ gone_at: null, status: 'active' });
  });

  it('is not said to have ended a second time when it had ended before', async () => {
    const { cmp_id: id } = await active();
    await cmp.patchSubscription(id, { status: 'terminated' });
    await sync.run({});
    expect((await events()).map(({ what }) => what)).toEqual(['ended']);
    await hide(id);
    await sync.run({});
    expect(await events()).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'terminated', gone_at: expect.any(Date) });
  });

  it('is looked for by its id in a run for one account, and lives on when CMP still has it', async () => {
    const { cmp_id: id, provider_account_id: account } = await active();
    await hide(id);
    await sync.run({ target: `provider-account:${account}` });
    expect(await events()).toEqual([]);
    expect(await row(id)).toMatchObject({ gone_at: null });
    await cmp.removeSubscription(id);
    await sync.run({ target: `provider-account:${account}` });
    expect(await events()).toMatchObject([{ what: 'ended', data: { status: 'no-longer-listed' } }]);
  });
});

describe('a subscription transferred to another customer', () => {
  it.each([
    ['a full run', () => ({})],
    ['a run for the customer it came from', (from: string) => ({ target: `provider-account:${from}` })],
  ])('moves with both customers in the event, found by %s', async (_, request) => {
    const moved = await active();
    const other = await sync.one(
      `select id, cmp_id from provider_accounts where id <> $1 and gone_at is null and status = 'active' limit 1`,
      [moved.provider_account_id],
    );
    await cmp.patchSubscription(moved.cmp_id, { customerId: other.cmp_id });
    await sync.run(request(moved.provider_account_id));
    expect(await events()).toMatchObject([
      {
        what: 'changed',
        data: {
          cmpAccountId: other.cmp_id,
          providerAccountId: other.id,
          changes: [{ field: 'cmpAccountId', from: moved.cmp_account_id, to: other.cmp_id }],
        },
      },
    ]);
    expect(await row(moved.cmp_id)).toMatchObject({ provider_account_id: other.id, gone_at: null });
  });

  describe('to one whose sync is switched off', () => {
    const switchedOff = async (...not: string[]) => {
      const other = await sync.one(
        `select id, cmp_id from provider_accounts where id <> all($1) and gone_at is null and status = 'active' and sync_enabled
         order by id limit 1`,
        [not],
      );
      await sync.pool.query('update provider_accounts set sync_enabled = false where id = $1', [other.id]);
      return other;
    };
    afterEach(() => sync.pool.query('update provider_accounts set sync_enabled = true'));

    it('leaves the customer it came from at once, and rests at the new one until its sync is on', async () => {
      const moved = await active();
      const other = await switchedOff(moved.provider_account_id);
      await cmp.patchSubscription(moved.cmp_id, { customerId: other.cmp_id });
      const plan = await sync.run({ apply: false });
      expect((await recorded(plan.id)).filter(({ cmpId }) => cmpId === moved.cmp_id)).toEqual([
        { cmpId: moved.cmp_id, result: 'changed' },
      ]);
      await sync.run({});
      expect(await events()).toMatchObject([
        {
          what: 'changed',
          data: {
            cmpAccountId: other.cmp_id,
            providerAccountId: other.id,
            changes: [{ field: 'cmpAccountId', from: moved.cmp_account_id, to: other.cmp_id }],
          },
        },
      ]);
      await cmp.patchSubscription(moved.cmp_id, { name: 'Renamed there', viaOrder: false });
      const { counts } = await sync.run({});
      expect(await events()).toEqual([]);
      const { listed } = await sync.one(
        'select count(*)::int as listed from provider_subscriptions where provider_account_id = $1 and gone_at is null',
        [other.id],
      );
      expect(counts).toMatchObject({ skipped: listed, changed: 0, ended: 0 });
      await sync.pool.query('update provider_accounts set sync_enabled = true');
      await sync.run({});
      expect(await events()).toMatchObject([{ what: 'changed', data: { name: 'Renamed there' } }]);
    });

    it('stays as it is when the one it came from is switched off as well, and comes back from either', async () => {
      const moved = await active();
      const first = await switchedOff(moved.provider_account_id);
      await sync.pool.query('update provider_accounts set sync_enabled = false where id = $1', [
        moved.provider_account_id,
      ]);
      await cmp.patchSubscription(moved.cmp_id, { customerId: first.cmp_id });
      await sync.run({});
      expect(await events()).toEqual([]);
      const on = await sync.one(
        `select id, cmp_id from provider_accounts where sync_enabled and gone_at is null and status = 'active' limit 1`,
      );
      await cmp.patchSubscription(moved.cmp_id, { customerId: on.cmp_id });
      await sync.run({});
      expect(await events()).toMatchObject([
        {
          what: 'changed',
          data: { changes: [{ field: 'cmpAccountId', from: moved.cmp_account_id, to: on.cmp_id }] },
        },
      ]);
    });

    it('is not taken in when it was never kept here', async () => {
      const other = await switchedOff();
      const { id } = (await cmp.buySubscription({ customerId: other.cmp_id })) as CmpSubscriptionDetail;
      await sync.run({});
      expect(await events()).toEqual([]);
      expect(await row(id)).toBeUndefined();
    });
  });
});

describe('a change', () => {
  it('says each value before and after, seats and dates too', async () => {
    const before = await active();
    await cmp.patchSubscription(before.cmp_id, {
      quantity: before.quantity + 4,
      renewalStatus: !before.auto_renew,
      name: 'Another name',
    });
    await sync.run({});
    const told = await events();
    const changes = told.flatMap(({ data }) => data.changes);
    expect(told.map(({ what }) => what)).toEqual(told.map(() => 'changed'));
    expect(changes).toEqual(
      expect.arrayContaining([
        { field: 'name', from: before.name, to: 'Another name' },
        { field: 'autoRenew', from: before.auto_renew, to: !before.auto_renew },
        { field: 'quantity', from: before.quantity, to: before.quantity + 4 },
        {
          field: `lines[${before.lines[0].mpn}].quantity`,
          from: before.quantity,
          to: before.quantity + 4,
        },
      ]),
    );
  });

  it('is none when CMP lists the products the other way round: no event and no write', async () => {
    const two = await sync.one(
      `select * from provider_subscriptions where status in ('active', 'hold') and gone_at is null and json_array_length(lines) > 1 limit 1`,
    );
    // CMP dates both by the same day, so that nothing but the order of the lines differs.
    await cmp.patchSubscription(two.cmp_id, {});
    await sync.run({});
    const before = await row(two.cmp_id);
    await cmp.patchSubscription(two.cmp_id, { reversed: true });
    await sync.pool.query('update provider_subscriptions set detail_wanted_at = now() where cmp_id = $1', [
      two.cmp_id,
    ]);
    const run = await sync.run({ target: `provider-account:${two.provider_account_id}` });
    expect(run.counts).toMatchObject({ changed: 0 });
    expect(await events()).toEqual([]);
    const after = await row(two.cmp_id);
    expect(after.lines).toEqual(before.lines);
    expect(after).toMatchObject({ detail_hash: before.detail_hash, version: before.version });
  });
});
