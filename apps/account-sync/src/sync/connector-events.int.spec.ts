import { randomUUID } from 'node:crypto';
import {
  ConnectorChangedV1,
  ConnectorCreatedV1,
  ConnectorPausedV1,
  ConnectorRemovedV1,
  ConnectorResumedV1,
  CountAccountRecords,
  ReadConnector,
  type ConnectorSettingsV1,
  type ContractClass,
  type ReadConnectorResponse,
} from '@isthmus/contracts';
import { RespondTo, RequestClient, emitMany, event, messagingTablesSql } from '@isthmus/messaging';
import { createService, inTransaction, type RunningService, ServiceEnv } from '@isthmus/service-kit';
import { eventually, serviceDatabase, startNats, testIssuer } from '@isthmus/testing';
import { Migration } from '@mikro-orm/migrations';
import { Controller, Module } from '@nestjs/common';
import { Pool } from 'pg';
import { runAccountSync, type RunningAccountSync } from '../../test/account-sync.fixture.ts';

/** Connectors as their owner has them, whether or not it has said so. */
const owned = new (class extends Map<string, ConnectorSettingsV1> {
  readonly tenants = new Map<string, string>();
  override set(id: string, connector: ConnectorSettingsV1, tenant?: string): this {
    this.tenants.set(id, tenant ?? api.tenantId);
    return super.set(id, connector);
  }
})();
let requested = 0;

@Controller()
class Owner {
  @RespondTo(ReadConnector)
  read({ tenantId, connectorId }: ReadConnector): Promise<ReadConnectorResponse> {
    requested += 1;
    const connector = owned.tenants.get(connectorId) === tenantId ? owned.get(connectorId) : undefined;
    return Promise.resolve({ connector });
  }
}

@Module({ controllers: [Owner] })
class OwnerModule {}

class OnlyMessaging extends Migration {
  override up(): void {
    for (const sql of messagingTablesSql) this.addSql(sql);
  }
}

let api: RunningAccountSync;
let owner: RunningService;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  // A NATS of its own: on a shared one, another spec's account-sync would hear half of the events.
  const nats = await startNats();
  closing.unshift(() => nats.stop());
  const issuer = await testIssuer();
  closing.unshift(() => issuer.close());
  const database = { entities: [], migrations: [OnlyMessaging] };
  const options = { service: 'connector-config', module: OwnerModule, config: ServiceEnv, database };
  const fresh = await serviceDatabase(options);
  closing.unshift(() => fresh.drop());
  owner = await createService(
    { ...options, http: 'health-only' },
    { ...issuer.env, ...fresh.env, NATS_URL: nats.url, LOG_LEVEL: 'silent', PORT: '0' },
  );
  closing.unshift(() => owner.close());
  await owner.listen();
  api = await runAccountSync({ NATS_URL: nats.url });
  closing.unshift(() => api.stop());
});
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

/** As connector-config says it: through its outbox, its relay and JetStream. Returns the event's id. */
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

it('ends the open runs of a removed connector at once, with the reason, and takes it for absent', async () => {
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
    api.one('select status, failure, lease_token::int as token from sync_runs where id = $1', [runId]);
  const failure = { code: 'connector.removed' };
  // Another token: what the worker that has the run writes next is refused.
  for (const ended of [queued, running])
    expect(await run(ended)).toMatchObject({ status: 'cancelled', failure, token: 1 });
  expect(await run(finished)).toEqual({ status: 'succeeded', failure: null, token: 0 });
  expect(await run(untouched)).toEqual({ status: 'queued', failure: null, token: 0 });
  expect((await start(id)).status).toBe(404);
});

describe('the records of a removed connector', () => {
  const gone = (table: string, id: string) =>
    api.one(
      `select gone_at is not null as gone, gone_reason as reason, version from ${table} where id = $1`,
      [id],
    );

  it('end with that reason and their events, and keep what people added; others stay', async () => {
    const [id, other] = [randomUUID(), randomUUID()];
    for (const connector of [id, other]) {
      await say(ConnectorCreatedV1, settings(connector, 1), 1);
      await becomes(connector, { version: 1 });
    }
    const account = await api.account(id, {
      cmp_id: 'c-1',
      tenant_account_id: 'CRM-1',
      custom_domain: 'a.b',
    });
    const cancelled = await api.account(id, { status: 'cancelled' });
    const announced = { announced_version: 1 };
    const live = await api.subscription(id, account, {
      ...announced,
      cmp_id: 's-1',
      cmp_account_id: 'c-1',
      quantity: 5,
    });
    const ended = await api.subscription(id, account, { ...announced, status: 'terminated' });
    const unread = await api.subscription(id, account, { lines: null });
    const vanished = await api.subscription(id, account, {
      ...announced,
      gone_at: '2026-01-01T00:00:00Z',
      version: 3,
    });
    const otherAccount = await api.account(other);
    const otherSubscription = await api.subscription(other, otherAccount);
    await api.publishedEvents();

    await say(ConnectorRemovedV1, by(id), 2);
    await becomes(id, { status: 'removed' });
    const removed = { gone: true, reason: 'connector-removed', version: 2 };
    for (const one of [live, ended, unread])
      expect(await gone('provider_subscriptions', one)).toEqual(removed);
    for (const one of [account, cancelled]) expect(await gone('provider_accounts', one)).toEqual(removed);
    expect(await gone('provider_subscriptions', vanished)).toEqual({ gone: true, reason: null, version: 3 });
    const there = { gone: false, reason: null, version: 1 };
    expect(await gone('provider_subscriptions', otherSubscription)).toEqual(there);
    expect(await gone('provider_accounts', otherAccount)).toEqual(there);
    expect(await api.publishedEvents()).toMatchObject([
      {
        subject: 'account-sync.provider-subscription-ended.v1',
        version: 2,
        data: {
          connectorId: id,
          providerSubscriptionId: live,
          providerAccountId: account,
          cmpSubscriptionId: 's-1',
          status: 'connector-removed',
          reason: 'connector-removed',
        },
      },
      {
        subject: 'account-sync.provider-account-closed.v1',
        version: 2,
        data: { connectorId: id, providerAccountId: account, status: 'active', reason: 'connector-removed' },
      },
    ]);
    const read = (await api.call('GET', `/v1/provider-accounts/${account}`)).body;
    expect(read).toMatchObject({
      goneReason: 'connector-removed',
      tenantAccountId: 'CRM-1',
      customDomain: 'a.b',
    });
    expect((await api.call('GET', `/v1/provider-subscriptions/${vanished}`)).body).toMatchObject({
      goneReason: 'no-longer-listed',
    });
    expect((await api.call('GET', `/v1/provider-subscriptions?connectorId=${id}`)).body.data).toEqual([]);
  });

  it('end all, each once, however many there are', async () => {
    const id = randomUUID();
    await say(ConnectorCreatedV1, settings(id, 1), 1);
    await becomes(id, { version: 1 });
    await api.pool.query(
      `insert into provider_accounts (id, tenant_id, connector_id, cmp_id, hash, read_at, name, status)
       select gen_random_uuid(), $1, $2, n, gen_random_uuid(), now(), 'a', 'active' from generate_series(1, 4500) n`,
      [api.tenantId, id],
    );
    await api.pool.query(
      `insert into provider_subscriptions
         (id, tenant_id, connector_id, cmp_id, hash, read_at, cmp_account_id, provider_account_id, name, status,
          announced_version)
       select gen_random_uuid(), $1, $2, a.cmp_id || '-' || n, gen_random_uuid(), now(), a.cmp_id, a.id, 's', 'active', 1
       from provider_accounts a, generate_series(1, 3) n where a.connector_id = $2`,
      [api.tenantId, id],
    );
    await api.publishedEvents();
    await say(ConnectorRemovedV1, by(id), 2);
    await becomes(id, { status: 'removed' });
    const said = (await api.publishedEvents()).map(
      ({ data }) => data.providerSubscriptionId ?? data.providerAccountId,
    );
    expect([said.length, new Set(said).size]).toEqual([18_000, 18_000]);
    const left =
      'select count(*)::int as n from provider_subscriptions where connector_id = $1 and gone_at is null';
    expect(await api.one(left, [id])).toEqual({ n: 0 });
  });

  it('are counted before', async () => {
    const id = await api.connector();
    const linked = await api.account(id, { tenant_account_id: 'CRM-7' });
    await api.account(id);
    await api.account(id, { gone_at: '2026-01-01T00:00:00Z', tenant_account_id: 'CRM-7' });
    await api.subscription(id, linked);
    await api.subscription(id, linked, { status: 'removed' });
    await api.run(id, { status: 'running' });
    await api.run(id, { status: 'failed' });
    await api.insert('tenant_accounts', {
      id: 'CRM-7',
      tenant_id: api.tenantId,
      name: 'x',
      created_at: 'now',
      updated_at: 'now',
    });
    await api.insert('billing_contracts', {
      id: randomUUID(),
      tenant_id: api.tenantId,
      tenant_account_id: 'CRM-7',
      name: 'c',
      currency: 'USD',
      start_date: '2026-01-01',
      is_default: true,
      created_at: 'now',
      created_by: 'ann',
    });
    const count = (tenantId: string) =>
      owner.get(RequestClient).request(CountAccountRecords, { tenantId, connectorId: id });
    const some = { accounts: 2, links: 1, contracts: 1, liveSubscriptions: 1, openRuns: 1 };
    expect(await count(api.tenantId)).toEqual(some);
    const nothing = { accounts: 0, links: 0, contracts: 0, liveSubscriptions: 0, openRuns: 0 };
    expect(await count(randomUUID())).toEqual(nothing);
  });
});

describe('a connector that was not heard of yet', () => {
  afterEach(() => owned.clear());

  it('can be used at once, as its owner knows it', async () => {
    const id = randomUUID();
    owned.set(id, settings(id, 1));
    expect((await start(id)).status).toBe(202);
    expect(await row(id)).toMatchObject({ tenant_id: api.tenantId, status: 'active', version: 1 });
    // Its event, when it comes, is no news any more.
    await handled(await say(ConnectorCreatedV1, settings(id, 1, { name: 'Older' }), 1));
    expect(await row(id)).toMatchObject({ name: 'Ingram US' });
  });

  it('and has been resumed, or taken up again, meanwhile can be used as well; a paused one says why', async () => {
    const id = randomUUID();
    await say(ConnectorCreatedV1, settings(id, 1), 1);
    await becomes(id, { version: 1 });
    await say(ConnectorPausedV1, pausedFor(id, 'CMP refused the password.'), 2);
    await becomes(id, { status: 'paused' });
    owned.set(id, settings(id, 3));
    expect((await start(id)).status).toBe(202);

    await say(ConnectorRemovedV1, by(id), 4);
    await becomes(id, { status: 'removed', restored_at: null });
    owned.set(id, settings(id, 5));
    expect((await start(id)).status).toBe(202);
    expect(await row(id)).toMatchObject({ status: 'active', version: 5, restored_at: expect.any(Date) });

    const paused = randomUUID();
    const why = { cause: 'person', detail: 'Audit.', nextStep: 'Wait until Monday.' };
    owned.set(paused, settings(paused, 2, { status: 'paused', paused: why }));
    expect(await start(paused)).toMatchObject({ status: 409, body: { nextStep: 'Wait until Monday.' } });
  });

  it('and does not exist, or is another tenant’s, is 404, and random ids do not keep the owner busy', async () => {
    const id = randomUUID();
    owned.set(id, settings(id, 1), 'another tenant');
    expect((await start(id)).status).toBe(404);
    requested = 0;
    const began = Date.now();
    const answers = await Promise.all(Array.from({ length: 60 }, () => start(randomUUID())));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    // Twenty at once, and two more per second.
    expect(requested).toBeLessThanOrEqual(20 + (Date.now() - began) / 500);
  });
});
