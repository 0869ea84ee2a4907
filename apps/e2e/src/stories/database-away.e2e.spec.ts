import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, startPostgres, type RunningServer } from '@isthmus/testing';
import { connectorFields, createConnector, runEnded, startRun, sync } from '../platform/acts.ts';
import { startPlatform, type Platform } from '../platform/start-platform.ts';

const accountsAtCmp = 6_000;
let dir: string;
let postgres: RunningServer;
let platform: Platform;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isthmus-story-'));
  postgres = await startPostgres({ dir, port: await freePort() });
  platform = await startPlatform({
    postgres: postgres.url,
    simulator: { world: { customers: accountsAtCmp, subscriptions: 50 } },
  });
});
afterAll(async () => {
  await platform?.stop();
  await postgres?.stop();
  await rm(dir, { recursive: true, force: true });
});

it('survives PostgreSQL being restarted in mid-sync: 503 meanwhile, nobody exits, and the mirror equals CMP', async () => {
  const user = await platform.as();
  const { id: connectorId } = await createConnector(user, connectorFields(platform));
  await platform.simulator.control.fault({
    kind: 'slow',
    ms: 200,
    times: null,
    match: { path: '^/customers' },
  });
  const { id } = await startRun(user.accounts, { connectorId, scope: 'accounts' });
  await eventually(async () => (await user.accounts.get(`/v1/sync-runs/${id}`)).body.done >= 1_000);

  // Immediate shutdown: every connection is cut, in mid-transaction or not.
  await postgres.stop('SIGQUIT');
  const refused = await user.accounts.post(
    '/v1/sync-runs',
    { connectorId, scope: 'accounts' },
    { 'idempotency-key': randomUUID() },
  );
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  const { port } = postgres;
  postgres = await startPostgres({ dir, port });

  await eventually(async () => (await user.accounts.get(`/v1/sync-runs/${id}`)).status === 200);
  const run = await runEnded(user.accounts, id);
  // What the run had seen before the crash is lost with it, so it must not call itself complete, nor end anything.
  expect(run).toMatchObject({ status: 'succeeded', complete: false, counts: { ended: 0 } });
  for (const service of [platform.connectorConfig, platform.accountSync, ...platform.workers]) {
    expect((await fetch(`${service.url}/healthz/ready`)).status).toBe(200);
  }
  await platform.simulator.control.clearFaults();
  const again = await sync(user.accounts, { connectorId, scope: 'accounts' });
  expect(again).toMatchObject({
    complete: true,
    counts: { read: accountsAtCmp, appeared: 0, changed: 0, ended: 0 },
  });
});
