import { randomUUID } from 'node:crypto';
import {
  ConnectorChangedV1,
  ConnectorCreatedV1,
  ConnectorPausedV1,
  ConnectorRemovedV1,
  ConnectorResumedV1,
  type ContractClass,
} from '@isthmus/contracts';
import { emitMany, event, messagingMigrationSql } from '@isthmus/messaging';
import { createService, ServiceEnv, type RunningService } from '@isthmus/service-kit';
import { inTransaction } from '@isthmus/sync-engine';
import { eventually, freshDatabase, startNats, testIssuer } from '@isthmus/testing';
import { Migration } from '@mikro-orm/migrations';
import { Module } from '@nestjs/common';
import { Pool } from 'pg';
import { runAccountSync, type RunningAccountSync } from '../http/account-sync.fixture.spec.ts';

@Module({})
class NoModule {}

class OnlyMessaging extends Migration {
  override up(): void {
    for (const sql of messagingMigrationSql) this.addSql(sql);
  }
}

let api: RunningAccountSync;
let owner: RunningService;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  // A NATS of its own: on a shared one, another spec's account-sync would hear half of the events.
  const nats = await startNats();
  closing.unshift(() => nats.stop());
  const fresh = await freshDatabase('connector_config');
  closing.unshift(() => fresh.drop());
  const issuer = await testIssuer();
  closing.unshift(() => issuer.close());
  const database = { entities: [], migrations: [OnlyMessaging] };
  owner = await createService(
    { service: 'connector-config', module: NoModule, config: ServiceEnv, database, http: 'health-only' },
    { ...issuer.env, DATABASE_URL: fresh.url, NATS_URL: nats.url, LOG_LEVEL: 'silent', PORT: '0' },
  );
  closing.unshift(() => owner.close());
  await owner.migrate();
  await owner.listen();
  api = await runAccountSync({ NATS_URL: nats.url });
  closing.unshift(() => api.stop());
}, 30_000);
afterAll(async () => {
  for (const close of closing) await close();
});

const settings = (connectorId: string, version: number, more: object = {}) => ({
  connectorId,
  name: 'Ingram US',
  apiUrl: 'https://api.example.test',
  marketplace: 'us',
  country: 'US',
  currency: 'USD',
  accountId: '1000',
  status: 'active' as const,
  schedule: { tickMinutes: 5, sweepMinutes: 60, accountsMinutes: 0 },
  callLimit: { perMinute: 60, perDay: null },
  version,
  ...more,
});
const pausedFor = (connectorId: string, detail: string) => ({
  connectorId,
  name: 'Ingram US',
  automatic: true,
  cause: 'cmp.credentials',
  detail,
  nextStep: 'Enter the new password.',
  by: 'account-sync',
});
const by = (connectorId: string) => ({ connectorId, name: 'Ingram US', by: 'ann' });

/** As connector-config says it: through its outbox, its relay and JetStream. Answers the event's id. */
async function say<T extends object>(
  contract: ContractClass<T>,
  data: T & { connectorId: string },
  version: number,
): Promise<string> {
  const said = event(contract, data, { tenantId: api.tenantId, aggregateId: data.connectorId, version });
  await inTransaction(owner.get(Pool), (client) => emitMany(client, [said]));
  return said.id;
}

const handled = (eventId: string) =>
  eventually(async () => (await api.one('select 1 from inbox where event_id = $1', [eventId])) !== undefined);
const row = (id: string) => api.one('select * from connectors where connector_id = $1', [id]);
const becomes = (id: string, expected: object) =>
  eventually(async () => {
    expect(await row(id)).toMatchObject(expected);
    return true;
  });
const start = (connectorId: string) =>
  api.call('POST', '/v1/sync-runs', {
    body: { connectorId, scope: 'accounts' },
    headers: { 'idempotency-key': randomUUID() },
  });

it('keeps a connector as its owner made it, and follows its changes', async () => {
  const id = randomUUID();
  await say(ConnectorCreatedV1, settings(id, 1), 1);
  const schedule = { tickMinutes: 5, sweepMinutes: 60, accountsMinutes: 0 };
  await becomes(id, {
    tenant_id: api.tenantId,
    name: 'Ingram US',
    currency: 'USD',
    status: 'active',
    schedule,
    version: 1,
  });

  await say(ConnectorChangedV1, settings(id, 2, { name: 'Ingram UK', currency: 'GBP' }), 2);
  await becomes(id, { name: 'Ingram UK', currency: 'GBP', version: 2 });
});

it('refuses runs while it is paused, with the reason its owner gave, and takes them again afterwards', async () => {
  const id = randomUUID();
  await say(ConnectorCreatedV1, settings(id, 1), 1);
  await becomes(id, { version: 1 });
  await say(ConnectorPausedV1, pausedFor(id, 'CMP refused the password.'), 2);
  await becomes(id, { status: 'paused' });
  expect((await start(id)).body).toMatchObject({ status: 409, nextStep: 'Enter the new password.' });

  await say(ConnectorResumedV1, by(id), 3);
  await becomes(id, { status: 'active', paused: null });
  expect((await start(id)).status).toBe(202);
});

it('keeps the reason of the pause when the settings of a paused connector change', async () => {
  const id = randomUUID();
  await say(ConnectorCreatedV1, settings(id, 1), 1);
  await say(ConnectorPausedV1, pausedFor(id, 'CMP refused the password.'), 2);
  await say(ConnectorChangedV1, settings(id, 3, { status: 'paused', name: 'Renamed' }), 3);
  await becomes(id, { name: 'Renamed', status: 'paused', paused: { detail: 'CMP refused the password.' } });
});

it.each<[string, (id: string) => Promise<string>]>([
  ['a change', (id) => say(ConnectorChangedV1, settings(id, 4, { name: 'Older' }), 4)],
  ['a pause', (id) => say(ConnectorPausedV1, pausedFor(id, 'Long ago.'), 3)],
  ['a removal', (id) => say(ConnectorRemovedV1, by(id), 5)],
])('ignores %s that is not newer than what it knows', async (_, sayOldNews) => {
  const id = randomUUID();
  await say(ConnectorChangedV1, settings(id, 5, { name: 'Newest' }), 5);
  await becomes(id, { version: 5 });
  const run = (await start(id)).body.id;
  await handled(await sayOldNews(id));
  expect(await row(id)).toMatchObject({ name: 'Newest', status: 'active', paused: null, version: 5 });
  expect((await api.one('select status from sync_runs where id = $1', [run])).status).toBe('queued');
});

it('applies a pause that overtook the creation once that has come', async () => {
  const id = randomUUID();
  await say(ConnectorPausedV1, pausedFor(id, 'CMP refused the password.'), 2);
  await say(ConnectorCreatedV1, settings(id, 1), 1);
  await becomes(id, { status: 'paused', version: 2 });
});

it('cancels the open runs of a removed connector and takes it for absent', async () => {
  const [id, other] = [randomUUID(), randomUUID()];
  for (const connector of [id, other]) {
    await say(ConnectorCreatedV1, settings(connector, 1), 1);
    await becomes(connector, { version: 1 });
  }
  const queued = (await start(id)).body.id;
  const running = await api.run(id, { status: 'running', lease_until: new Date(Date.now() + 60_000) });
  const finished = await api.run(id, { status: 'succeeded' });
  const untouched = (await start(other)).body.id;

  await say(ConnectorRemovedV1, by(id), 2);
  await becomes(id, { status: 'removed' });

  const run = (runId: string) =>
    api.one('select status, cancel_requested_at from sync_runs where id = $1', [runId]);
  expect(await run(queued)).toMatchObject({ status: 'cancelled' });
  expect(await run(running)).toMatchObject({ status: 'running', cancel_requested_at: expect.any(Date) });
  expect(await run(finished)).toEqual({ status: 'succeeded', cancel_requested_at: null });
  expect(await run(untouched)).toEqual({ status: 'queued', cancel_requested_at: null });
  expect((await start(id)).status).toBe(404);
});
