import { eventually } from '@isthmus/testing';
import { startSyncing, type Syncing } from '../../../test/syncing.fixture.ts';

let sync: Syncing;
let cmp: Syncing['simulator']['control'];
beforeEach(async () => {
  sync = await startSyncing({ world: { customers: 20, subscriptions: 120 } }, { DETAILS_AT_ONCE: 1 });
  cmp = sync.simulator.control;
  await sync.run({ scope: 'accounts' });
});
afterEach(() => sync.stop());

/** CMP ids of the subscriptions whose detail was read, in order. */
const detailsRead = async () =>
  (await cmp.requests()).flatMap(({ path }) => /^\/subscriptions\/(\d+)$/.exec(path)?.[1] ?? []);

const rows = async (sql: string, values: unknown[] = []) =>
  (await sync.pool.query<Record<string, string>>(sql, values)).rows;

/** Links the account to a tenant account of its own, with a contract if that is given an end. */
async function link(account: string, contractUntil?: string | null): Promise<void> {
  await sync.pool.query(
    `insert into tenant_accounts (tenant_id, id, name, created_at, updated_at, version) values ($1, $2, 'Contoso', now(), now(), 1)`,
    [sync.tenantId, `T-${account}`],
  );
  await sync.pool.query('update provider_accounts set tenant_account_id = $2 where cmp_id = $1', [
    account,
    `T-${account}`,
  ]);
  if (contractUntil === undefined) return;
  await sync.pool.query(
    `insert into billing_contracts (id, tenant_id, tenant_account_id, name, currency, start_date, end_date, is_default, created_at, created_by, version)
     values (gen_random_uuid(), $1, $2, 'Standard', 'USD', '2020-01-01', $3, true, now(), 'spec', 1)`,
    [sync.tenantId, `T-${account}`, contractUntil],
  );
}

/** Customers with live subscriptions, according to CMP. */
async function customers(): Promise<string[]> {
  const { records } = await sync.cmp().subscriptions.page({ limit: 120, offset: 0 });
  const live = records.flatMap((one) =>
    one.ok && one.value.status === 'active' ? [one.value.customerId] : [],
  );
  return [...new Set(live)];
}

it('reads what is billed first, then linked accounts, then active subscriptions; never one that ended', async () => {
  const [plain, billed, formerly] = await customers();
  await link(plain!);
  await link(billed!, null);
  await link(formerly!, '2020-12-31');
  await sync.run({});

  const read = await detailsRead();
  const stored = await rows('select cmp_id, cmp_account_id, status from provider_subscriptions');
  const group = new Map(
    stored.map(({ cmp_id: id, cmp_account_id: account, status }) => [
      id!,
      account === billed
        ? '1 billed'
        : account === plain || account === formerly
          ? '2 linked'
          : status === 'active'
            ? '3 active'
            : `4 other: ${status}`,
    ]),
  );
  const groups = read.map((id) => group.get(id)!);
  expect(groups).toEqual([...groups].sort());
  expect(groups).toEqual(expect.arrayContaining(['1 billed', '2 linked', '3 active']));
  const live = stored.filter(({ status }) => !['terminated', 'removed'].includes(status!));
  expect(live.length).toBeLessThan(stored.length);
  expect(read).toHaveLength(live.length);
  expect(new Set(read)).toEqual(new Set(live.map(({ cmp_id: id }) => id)));
});

it('reads an account that is linked meanwhile next, though the run has begun', async () => {
  await cmp.fault({ kind: 'hold', done: true, match: { path: '^/subscriptions/\\d+$' }, after: 20 });
  const run = sync.run({});
  await eventually(
    async () => {
      const { n } = await sync.one(
        'select count(*)::int as n from provider_subscriptions where detail_confirmed_at is not null',
      );
      return n === 20 ? true : undefined;
    },
    { withinMs: 60_000, everyMs: 50 },
  );
  // The one that would come last.
  const [last] = await rows(
    `select cmp_account_id as account, count(*)::int as n from provider_subscriptions
     where detail_wanted_at is not null and status = 'active' group by 1
     having count(*) > 1 order by max(id::text) desc limit 1`,
  );
  await link(last!.account!);
  const waiting = await rows(
    `select cmp_id from provider_subscriptions where cmp_account_id = $1 and detail_wanted_at is not null`,
    [last!.account],
  );
  await cmp.clearFaults();
  await run;
  // The call on its way is not among them, as its account is read by the order of before.
  const next = (await detailsRead()).slice(20, 21 + waiting.length);
  expect(next).toEqual(expect.arrayContaining(waiting.map(({ cmp_id: id }) => id)));
});

it('sets a detail aside that CMP returns under another id, and asks for it only once in a run', async () => {
  await sync.run({});
  const { cmp_id: id } = await sync.one(
    `select cmp_id from provider_subscriptions where status = 'active' limit 1`,
  );
  await sync.pool.query('update provider_subscriptions set detail_wanted_at = now() where cmp_id = $1', [id]);
  await cmp.breakRecord({ resource: 'subscriptions', id, how: 'id-of-another' });
  await cmp.clearRequests();
  const run = await sync.run({ depth: 'scrub' });
  expect(run).toMatchObject({ status: 'succeeded', counts: { setAside: 1 } });
  expect((await detailsRead()).filter((one) => one === id)).toHaveLength(1);
  expect(await sync.one('select detail_failure from provider_subscriptions where cmp_id = $1', [id])).toEqual(
    {
      detail_failure: `id: is ${id}0, but ${id} was requested`,
    },
  );
});
