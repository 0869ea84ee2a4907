import { ConnectorNotUsable } from '@isthmus/cmp-connections';
import { inTransaction } from '@isthmus/service-kit';
import { cancelRun } from '@isthmus/sync-engine';
import { eventually } from '@isthmus/testing';
import { runEvents } from './sync-run.events.ts';
import { startSyncing, type Syncing } from '../../test/syncing.fixture.ts';

let sync: Syncing;
beforeEach(async () => {
  sync = await startSyncing({ world: { customers: 3_000, subscriptions: 20 } });
});
afterEach(() => sync.stop());

const fault = (kind: string, more: object = {}) =>
  sync.simulator.control.fault({ kind: kind as never, match: { path: '^/customers' }, ...more });
const mirrored = () => sync.one<{ n: number }>('select count(*)::int as n from provider_accounts');
const pageRequests = async () =>
  (await sync.simulator.control.requests()).filter(({ path }) => path.endsWith('/customers')).length;

it('goes on from its checkpoint in another worker, fetching no more than a few pages again', async () => {
  const runId = await sync.start({ scope: 'accounts' });
  await fault('error', { after: 3, times: null });
  const broken = await sync.work(runId);
  expect(broken).toMatchObject({ status: 'running', waiting: { reason: expect.stringContaining('CMP') } });
  const { n: before } = await mirrored();
  expect(before).toBeGreaterThan(0);
  await sync.simulator.control.clearFaults();
  await sync.simulator.control.clearRequests();

  const run = await sync.work(runId);

  expect(run).toMatchObject({ status: 'succeeded', complete: true });
  expect(await mirrored()).toEqual({ n: 3_000 });
  expect(await pageRequests()).toBeLessThanOrEqual(7 - Math.floor(before / 490) + 2);
  expect(await sync.eventCounts()).toMatchObject({ 'provider-account-appeared': 3_000 });
});

it('refuses the writes of a worker that was paused past its lease', async () => {
  const runId = await sync.start({ scope: 'accounts' });
  let proceed = () => {};
  const asleep = new Promise<void>((resolve) => (proceed = resolve));
  let reached = () => {};
  const there = new Promise<void>((resolve) => (reached = resolve));
  const zombie = sync.work(runId, {
    phasesOf: async () => [
      {
        name: 'accounts',
        run: async (context) => {
          reached();
          await asleep;
          await context.commit({
            done: 1,
            write: async (client) => (await client.query('delete from provider_accounts'), {}),
          });
        },
      },
    ],
  });
  await there;
  await sync.pool.query(`update sync_runs set lease_until = now() - interval '1 second' where id = $1`, [
    runId,
  ]);
  const run = await sync.work(runId);
  expect(run.status).toBe('succeeded');
  proceed();
  await zombie;
  expect(await mirrored()).toEqual({ n: 3_000 });
  expect(await sync.one('select status from sync_runs where id = $1', [runId])).toEqual({
    status: 'succeeded',
  });
});

it('gives a worker only a run that no living worker holds', async () => {
  const runId = await sync.start({ scope: 'accounts' });
  await sync.pool.query(
    `update sync_runs set status = 'running', lease_until = now() + interval '10 seconds' where id = $1`,
    [runId],
  );
  expect((await sync.work(runId)).status).toBe('running');
  expect(await mirrored()).toEqual({ n: 0 });
});

it.each([
  ['the password is wrong', { password: 'wrong' }, 'cmp.credentials'],
  ['the subscription key is wrong', { subscriptionKey: '0'.repeat(32) }, 'cmp.subscription-key'],
  ['the host is unknown', { apiUrl: 'http://cmp.invalid/marketplace/na' }, 'cmp.dns'],
])('fails once with the reason and pauses the connector when %s', async (_, credentials, code) => {
  const connectorId = await sync.connector(sync.tenantId, 'us', credentials);
  const run = await sync.run({ scope: 'accounts', connectorId });
  expect(run).toMatchObject({
    status: 'failed',
    failure: { code, nextStep: expect.stringContaining('Verify Connectivity') },
  });
  expect(sync.paused).toEqual([`${connectorId} ${code}`]);
  expect(await sync.eventCounts()).toMatchObject({ 'sync-run-finished': 1 });
});

it('fails without pausing anything when the connector cannot be used just now', async () => {
  const runId = await sync.start({ scope: 'accounts' });
  const stopped = await sync.work(runId, {
    openCmp: () =>
      Promise.reject(new ConnectorNotUsable(sync.connectorId, 'it is paused', 'Resume the connector.')),
  });
  expect(stopped).toMatchObject({
    status: 'failed',
    failure: { code: 'connector.not-usable', nextStep: 'Resume the connector.' },
  });
  expect(sync.paused).toEqual([]);
});

it('ends a run at once when it is cancelled before its turn, and says so', async () => {
  const runId = await sync.start({ scope: 'accounts' });
  await inTransaction(sync.pool, (client) => cancelRun(client, runEvents, sync.tenantId, runId));
  expect(await sync.work(runId)).toMatchObject({ status: 'cancelled' });
  expect(await sync.eventCounts()).toEqual({ 'sync-run-finished': 1 });
  const again = inTransaction(sync.pool, (client) => cancelRun(client, runEvents, sync.tenantId, runId));
  await expect(again).rejects.toThrow('is cancelled; it can no longer be cancelled');
});

it('ends a running run soon after it is cancelled, keeping what was written', async () => {
  await fault('slow', { ms: 2_000, times: null, after: 2 });
  const runId = await sync.start({ scope: 'accounts' });
  const working = sync.work(runId);
  await eventually(async () => (await mirrored()).n > 0);
  await inTransaction(sync.pool, (client) => cancelRun(client, runEvents, sync.tenantId, runId));
  expect(await working).toMatchObject({ status: 'cancelled', failure: { code: 'sync-run.cancelled' } });
  expect((await mirrored()).n).toBeLessThan(3_000);
});

it('ends a run at once that is cancelled while it waits for its next try', async () => {
  await fault('throttle', { retryAfter: 300, times: null });
  const held = await sync.run({ scope: 'accounts' });
  expect(held).toMatchObject({ status: 'running', waiting: { until: expect.any(String) } });
  await sync.eventCounts();
  await inTransaction(sync.pool, (client) => cancelRun(client, runEvents, sync.tenantId, held.id));
  expect(await sync.one('select status, waiting from sync_runs where id = $1', [held.id])).toEqual({
    status: 'cancelled',
    waiting: null,
  });
  expect(await sync.eventCounts()).toEqual({ 'sync-run-finished': 1 });
  const next = await sync.start({ scope: 'accounts' });
  expect(next).not.toBe(held.id);
  expect(await sync.work(held.id)).toMatchObject({ status: 'cancelled' });
});

it('does not wait for a next try when it was cancelled just before it would', async () => {
  await fault('throttle', { retryAfter: 300, times: null });
  const runId = await sync.start({ scope: 'accounts' });
  const run = await sync.work(runId, {
    phasesOf: async (one) => {
      await inTransaction(sync.pool, (client) => cancelRun(client, runEvents, one.tenantId, one.id));
      return [
        {
          name: 'accounts',
          run: ({ cmp }) => cmp.customers.page({ offset: 0, limit: 1 }).then(() => undefined),
        },
      ];
    },
  });
  expect(run).toMatchObject({ status: 'cancelled', failure: { code: 'sync-run.cancelled' } });
});

it('waits and says why and until when while CMP throttles it, then goes on', async () => {
  await fault('throttle', { retryAfter: 30, times: null });
  const held = await sync.run({ scope: 'accounts' });
  expect(held).toMatchObject({
    status: 'running',
    waiting: { reason: expect.stringContaining('call limit') },
  });
  const { until } = held.waiting as { until: string };
  expect(Date.parse(until)).toBeGreaterThan(Date.now() + 20_000);
  expect(await mirrored()).toEqual({ n: 0 });
  await sync.simulator.control.clearFaults();
  expect(await sync.work(held.id)).toMatchObject({ status: 'succeeded', complete: true, waiting: null });
  expect(await mirrored()).toEqual({ n: 3_000 });
});

it.each([
  ['rows shift while one pages', 'shift-rows', { times: 2 }],
  ['a page comes twice', 'repeat-page', { times: 1, after: 1 }],
  ['the connection is cut in mid-page', 'cut', { times: 1, after: 1 }],
  ['the content type is wrong', 'wrong-content-type', { times: 3 }],
  ['an HTML error page comes', 'html-504', { times: 1, after: 1 }],
  ['the token is revoked', 'token-revoked', { times: 1, after: 2 }],
])('has the whole list within two runs although %s', async (_, kind, more) => {
  await fault(kind, more);
  for (let round = 0; round < 2; round += 1) {
    const runId = await sync.start({ scope: 'accounts' });
    let run = await sync.work(runId);
    for (let tries = 0; run.status === 'running' && tries < 5; tries += 1) run = await sync.work(runId);
    expect(run.status).toBe('succeeded');
    await sync.simulator.control.clearFaults();
  }
  const { n, gone } = await sync.one(
    'select count(*) filter (where gone_at is null)::int as n, count(*) filter (where gone_at is not null)::int as gone from provider_accounts',
  );
  const last = await sync.run({ scope: 'accounts' });
  expect(last.counts).toMatchObject({ appeared: 0, changed: 0, ended: 0, read: n });
  expect(gone).toBeLessThanOrEqual(10);
});
