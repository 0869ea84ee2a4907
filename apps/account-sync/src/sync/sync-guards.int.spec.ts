import { randomUUID } from 'node:crypto';
import { defaultAccounts } from '@isthmus/cmp-simulator';
import { inTransaction } from '@isthmus/service-kit';
import { approveRun, writeRecords } from '@isthmus/sync-engine';
import { startSyncing, type Syncing } from '../../test/syncing.fixture.ts';
import { accountMirror } from '../accounts/account.mirror.ts';

let sync: Syncing;
beforeEach(async () => {
  sync = await startSyncing();
  await sync.run({ scope: 'accounts' });
});
afterEach(() => sync.stop());

const gone = () =>
  sync.one<{ n: number }>('select count(*)::int as n from provider_accounts where gone_at is not null');
const shortListing = () =>
  sync.simulator.control.fault({ match: { path: '/customers' }, kind: 'half-listing', times: 100 });

describe('when CMP answers 200 with half the accounts', () => {
  it('ends nothing and asks for approval, with the plan in the records', async () => {
    await sync.eventCounts();
    await shortListing();
    const run = await sync.run({ scope: 'accounts' });
    expect(run.status).toBe('awaiting-approval');
    expect(run.failure?.code).toBe('sync-run.approval-needed');
    expect(run.breaker!.end).toBeGreaterThan(run.breaker!.limit);
    expect(await gone()).toEqual({ n: 0 });
    expect(Object.keys(await sync.eventCounts()).sort()).toEqual(['sync-run-finished', 'sync-run-started']);
    const { planned } = await sync.one(
      `select count(*)::int as planned from sync_run_batches b, json_array_elements(b.records) r
       where run_id = $1 and r->>'result' = 'ended'`,
      [run.id],
    );
    expect(planned).toBe(run.breaker!.end);
  });

  it('ends them once a person has approved, and no more than were approved', async () => {
    await shortListing();
    const held = await sync.run({ scope: 'accounts' });
    await approveRun(sync.pool, sync.tenantId, held.id, 'somebody');
    const run = await sync.work(held.id);
    expect(run.status).toBe('succeeded');
    expect(await gone()).toEqual({ n: held.breaker!.end });
    await sync.simulator.control.clearFaults();
    const back = await sync.run({ scope: 'accounts' });
    expect(back.counts.appeared).toBe(held.breaker!.end);
    expect(await gone()).toEqual({ n: 0 });
  });
});

it('ends an account that a complete listing no longer has', async () => {
  const { cmp_id } = await sync.one(
    `select cmp_id from provider_accounts where status <> 'cancelled' limit 1`,
  );
  await sync.eventCounts();
  await sync.simulator.control.removeCustomer(cmp_id);
  const run = await sync.run({ scope: 'accounts' });
  expect(run.counts.ended).toBe(1);
  expect(
    await sync.one('select gone_at is not null as gone from provider_accounts where cmp_id = $1', [cmp_id]),
  ).toEqual({ gone: true });
  expect(await sync.eventCounts()).toMatchObject({ 'provider-account-closed': 1 });
});

it('keeps a record that does not parse aside with the reason, and goes on with the others', async () => {
  await sync.run({});
  const { cmp_id } = await sync.one(
    'select cmp_id from provider_subscriptions where gone_at is null limit 1',
  );
  await sync.simulator.control.breakRecord({ resource: 'subscriptions', id: cmp_id, how: 'dates-wrong' });
  const run = await sync.run({});
  expect(run).toMatchObject({ status: 'succeeded', counts: { setAside: 1, ended: 0 } });
  const { record } = await sync.one('select records->0 as record from sync_run_batches where run_id = $1', [
    run.id,
  ]);
  expect(record).toMatchObject({
    cmpId: cmp_id,
    result: 'set-aside',
    reason: expect.stringContaining('Date'),
  });
});

it('ends nothing after a listing in which one record had no readable id', async () => {
  const { rows } = await sync.pool.query('select cmp_id from provider_accounts limit 2');
  await sync.simulator.control.breakRecord({ resource: 'customers', id: rows[0].cmp_id, how: 'id-missing' });
  await sync.simulator.control.removeCustomer(rows[1].cmp_id);
  const run = await sync.run({ scope: 'accounts' });
  expect(run).toMatchObject({ status: 'succeeded', counts: { setAside: 1, ended: 0 } });
  expect(await gone()).toEqual({ n: 0 });
});

it.each([401, 403] as const)(
  'reads everything although CMP ends a session after 40 calls and whenever another begins, and tells it by %d',
  async (deadTokenStatus) => {
    await sync.simulator.control.quirks({ deadTokenStatus, callsPerToken: 40, newTokenEndsOthers: true });
    const { username, password, subscriptionKey, marketplace } = defaultAccounts[0];
    const others = setInterval(() => {
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      const headers = { authorization, 'x-subscription-key': subscriptionKey };
      const body = JSON.stringify({ marketplace });
      void fetch(`${sync.simulator.apiUrl}/token`, { method: 'POST', headers, body }).catch(() => undefined);
    }, 200);
    try {
      let run = await sync.run({});
      // On a slow machine the others' sessions may come too fast for one try; it goes on where it stood.
      for (let tries = 0; run.status === 'running' && tries < 50; tries++) run = await sync.work(run.id);
      expect(run).toMatchObject({
        status: 'succeeded',
        complete: true,
        failure: null,
        counts: { failed: 0 },
      });
      expect(sync.paused).toEqual([]);
      const { unknown } = await sync.one(
        `select count(*)::int as unknown from provider_subscriptions where status = 'active' and quantity is null`,
      );
      expect(unknown).toBe(0);
      const requests = await sync.simulator.control.requests();
      expect(requests.filter(({ status }) => status === deadTokenStatus).length).toBeGreaterThan(3);
    } finally {
      clearInterval(others);
    }
  },
);

it('reads what a broken-off batch of details left unread when the run goes on', async () => {
  await sync.run({});
  const { cmp_id } = await sync.one(
    `select cmp_id from provider_subscriptions where status = 'active' and gone_at is null order by cmp_id limit 1`,
  );
  await sync.pool.query(
    `update provider_subscriptions set detail_wanted_at = now() - interval '1 minute' where status = 'active' and gone_at is null`,
  );
  await sync.simulator.control.fault({
    kind: 'cut',
    match: { method: 'GET', path: `^/subscriptions/${cmp_id}$` },
    times: 12,
  });
  let run = await sync.run({});
  let tries = 0;
  for (; run.status === 'running' && tries < 20; tries++) run = await sync.work(run.id);
  expect(run).toMatchObject({ status: 'succeeded', counts: { failed: 0 } });
  expect(tries).toBeGreaterThan(0);
  expect(
    await sync.one(
      `select count(*)::int as unread from provider_subscriptions where status = 'active' and gone_at is null and detail_wanted_at is not null`,
    ),
  ).toEqual({ unread: 0 });
});

it('what was read of CMP earlier does not replace what was read later, however late it is stored', async () => {
  const { id, cmp_id } = await sync.one(
    `select id, cmp_id from provider_accounts where status <> 'cancelled' limit 1`,
  );
  const asOf = new Date().toISOString();
  const earlier = await sync.cmp().customers.get(cmp_id);
  await sync.simulator.control.patchCustomer(cmp_id, { name: 'Renamed since' } as never);
  await sync.run({ scope: 'accounts' });
  const origin = { tenantId: sync.tenantId, connectorId: sync.connectorId, asOf };
  const { events, records } = await inTransaction(sync.pool, (client) =>
    writeRecords(client, accountMirror, origin, [earlier]),
  );
  expect({ events, records }).toEqual({ events: [], records: [] });
  expect(await sync.one('select name from provider_accounts where id = $1', [id])).toEqual({
    name: 'Renamed since',
  });
});

it('takes contacts that CMP lists in another order for no change', async () => {
  const { cmp_id } = await sync.one(
    `select cmp_id from provider_accounts where status <> 'cancelled' limit 1`,
  );
  const contact = (email: string) => ({ type: 'admin', firstName: 'A', lastName: 'B', email });
  const contactPersons = [contact('b@example.com'), contact('a@example.com')];
  await sync.simulator.control.patchCustomer(cmp_id, { contactPersons } as never);
  expect(await sync.run({ scope: 'accounts' })).toMatchObject({ counts: { changed: 1 } });
  await sync.eventCounts();
  await sync.simulator.control.patchCustomer(cmp_id, {
    contactPersons: contactPersons.toReversed(),
  } as never);
  expect(await sync.run({ scope: 'accounts' })).toMatchObject({ counts: { changed: 0 } });
  expect((await sync.eventCounts())['provider-account-changed']).toBeUndefined();
});

it('only plans when told so: the records say what would change, and nothing is written', async () => {
  const { cmp_id, name } = await sync.one(`select cmp_id, name from provider_accounts limit 1`);
  await sync.simulator.control.patchCustomer(cmp_id, { name: 'Renamed' } as never);
  const run = await sync.run({ scope: 'accounts', apply: false });
  expect(run).toMatchObject({ status: 'succeeded', counts: { changed: 1 } });
  expect(await sync.one('select name from provider_accounts where cmp_id = $1', [cmp_id])).toEqual({ name });
  const { record } = await sync.one('select records->0 as record from sync_run_batches where run_id = $1', [
    run.id,
  ]);
  expect(record.values).toEqual({ name: { from: name, to: 'Renamed' } });
});

it('joins the open run that is just like the one asked for', async () => {
  const first = await sync.start({ scope: 'accounts' });
  expect(await sync.start({ scope: 'accounts' })).toBe(first);
  expect(await sync.start({ scope: 'accounts', apply: false })).not.toBe(first);
});

it('keeps connectors and tenants apart, though CMP numbers their records alike', async () => {
  const uk = await sync.connector(sync.tenantId, 'uk');
  const otherTenant = randomUUID();
  const foreign = await sync.connector(otherTenant, 'us');
  await sync.run({ scope: 'accounts', connectorId: uk });
  await sync.run({ scope: 'accounts', connectorId: foreign, tenantId: otherTenant });
  const { rows } = await sync.pool.query(
    `select a.tenant_id, a.connector_id, count(*)::int as n, count(distinct a.cmp_id)::int as ids,
       bool_and(c.tenant_id = a.tenant_id) as own
     from provider_accounts a join connectors c using (connector_id) group by 1, 2`,
  );
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(row).toMatchObject({ own: true, n: row.ids });
  const { shared } =
    await sync.one(`select count(*)::int as shared from provider_accounts a join provider_accounts b
    on a.cmp_id = b.cmp_id and a.connector_id <> b.connector_id`);
  expect(shared).toBeGreaterThan(0);
  const { crossed } = await sync.one(
    `select count(*)::int as crossed from outbox o join provider_accounts a on a.id::text = o.aggregate_id where o.tenant_id <> a.tenant_id`,
  );
  expect(crossed).toBe(0);
});
