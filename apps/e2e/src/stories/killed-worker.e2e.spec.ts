import { eventually } from '@isthmus/testing';
import { connectorFields, createConnector, runEnded, startRun, sync } from '../platform/acts.ts';
import { startPlatform, type Platform } from '../platform/start-platform.ts';

const accountsAtCmp = 6_000;
let platform: Platform;
beforeEach(async () => {
  platform = await startPlatform({
    workers: 2,
    simulator: { world: { customers: accountsAtCmp, subscriptions: 50 } },
  });
  await platform.simulator.control.fault({
    kind: 'slow',
    ms: 250,
    times: null,
    match: { path: '^/customers' },
  });
});
afterEach(() => platform?.stop());

const holder = async (runId: string) => {
  const { rows } = await platform.pool.query<{ lease_owner: string; done: number }>(
    'select lease_owner, done from sync_runs where id = $1',
    [runId],
  );
  return rows[0]!;
};
const workerOf = (owner: string) => platform.workers.find(({ pid }) => owner.endsWith(`/${pid}`))!;

/** Starts a run and waits until a worker is in the middle of it. */
async function inMidRun() {
  const user = await platform.as();
  const { id: connectorId } = await createConnector(user, connectorFields(platform));
  const { id } = await startRun(user.accounts, { connectorId, scope: 'accounts' });
  await eventually(async () => (await holder(id)).done >= 1_000);
  return { user, connectorId, id };
}

async function mirrorEqualsCmp(connectorId: string, user: Awaited<ReturnType<Platform['as']>>) {
  const again = await sync(user.accounts, { connectorId, scope: 'accounts' });
  expect(again).toMatchObject({
    complete: true,
    counts: { read: accountsAtCmp, appeared: 0, changed: 0, ended: 0 },
  });
  const { rows } = await platform.pool.query(
    `select count(*)::int as mirrored,
       (select count(*)::int from outbox where type = 'account-sync.provider-account-appeared.v1') as said
     from provider_accounts where gone_at is null`,
  );
  expect(rows[0]).toEqual({ mirrored: accountsAtCmp, said: accountsAtCmp });
}

it('goes on from the checkpoint in another worker when one is killed with -9, and the mirror equals CMP', async () => {
  const { user, connectorId, id } = await inMidRun();
  await workerOf((await holder(id)).lease_owner).signal('SIGKILL');
  const killed = (await holder(id)).lease_owner;
  await eventually(async () => (await holder(id)).lease_owner !== killed);
  const run = await runEnded(user.accounts, id);
  expect(run).toMatchObject({ status: 'succeeded', complete: true });
  await mirrorEqualsCmp(connectorId, user);
});

it('refuses what a worker writes that was stopped past its lease and wakes up again', async () => {
  const { user, connectorId, id } = await inMidRun();
  const zombie = workerOf((await holder(id)).lease_owner);
  await zombie.signal('SIGSTOP');
  const run = await runEnded(user.accounts, id);
  expect(run.status).toBe('succeeded');
  await zombie.signal('SIGCONT');
  await mirrorEqualsCmp(connectorId, user);
});

it('gives the run back when a worker is asked to stop', async () => {
  const { user, connectorId, id } = await inMidRun();
  await workerOf((await holder(id)).lease_owner).stop();
  const run = await runEnded(user.accounts, id);
  expect(run).toMatchObject({ status: 'succeeded', complete: true });
  await mirrorEqualsCmp(connectorId, user);
});
