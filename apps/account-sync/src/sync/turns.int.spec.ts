import { randomUUID } from 'node:crypto';
import { inTenant, inTransaction } from '@isthmus/service-kit';
import { claimRun, startRun } from '@isthmus/sync-engine';
import { startSyncing, type Syncing } from '../../test/syncing.fixture.ts';

let sync: Syncing;
beforeAll(async () => {
  sync = await startSyncing({ world: { customers: 0, subscriptions: 0 } });
});
afterAll(() => sync.stop());
afterEach(() => sync.pool.query('delete from sync_runs; delete from connectors'));

/** A tenant with an active connector and so many runs that are due, the first one so many minutes ago. */
async function tenant(runs: number, dueFor: number) {
  const tenantId = randomUUID();
  const connectorId = await sync.connector(tenantId, 'us');
  const ids: string[] = [];
  for (let n = 0; n < runs; n += 1) {
    const request = {
      ...{
        tenantId,
        connectorId,
        scope: 'accounts',
        depth: 'full',
        target: `provider-account:${randomUUID()}`,
      },
      ...({ trigger: 'schedule', requestedBy: 'schedule' } as const),
    };
    const { id } = await inTenant(tenantId, () =>
      inTransaction(sync.service.pool, (client) => startRun(client, request)),
    );
    ids.push(id);
    await sync.pool.query(
      `update sync_runs set enqueued_at = now() - make_interval(mins => $2) + make_interval(secs => $3) where id = $1`,
      [id, dueFor, n],
    );
  }
  return ids;
}
const take = async (places: number, owner = 'worker') =>
  (await claimRun(sync.service.pool, owner, { places }))?.id;

it('a tenant with many runs that have been due for long delays those of others by one run each at most', async () => {
  const noisy = await tenant(20, 60);
  const [first, second] = [await tenant(2, 2), await tenant(1, 1)];
  const taken: (string | undefined)[] = [];
  for (let n = 0; n < 6; n += 1) taken.push(await take(1_000));
  expect(taken).toEqual([noisy[0], first[0], second[0], noisy[1], first[1], noisy[2]]);
});

it('a tenant whose runs take long leaves a place of each worker to others, also while none of theirs is due', async () => {
  const noisy = await tenant(20, 60);
  const other = await tenant(0, 0);
  for (const owner of ['one', 'two'])
    expect([await take(4, owner), await take(4, owner), await take(4, owner), await take(4, owner)]).toEqual([
      ...Array.from({ length: 3 }, () => expect.any(String)),
      undefined,
    ]);
  expect(other).toEqual([]);
  const [due] = await tenant(1, 0);
  expect(await take(4, 'one')).toBe(due);
  await sync.pool.query(
    `update sync_runs set status = 'succeeded', lease_until = null where lease_owner = 'two' and id = $1`,
    [noisy[3]],
  );
  expect(await take(4, 'two')).toBe(noisy[6]);
});

it('a tenant that is alone gets every place, and a worker with one place works for any', async () => {
  await tenant(5, 60);
  const alone = [await take(4), await take(4), await take(4), await take(4)];
  expect(alone).not.toContain(undefined);
  await tenant(1, 0);
  expect(await take(1, 'small')).toEqual(expect.any(String));
});
