import { randomUUID } from 'node:crypto';
import { defaultAccounts, type RunningSimulator, startSimulator } from '@isthmus/cmp-simulator';
import { credentialContext, OpenConnector, type OpenConnectorResponse } from '@isthmus/contracts';
import { messagingTablesSql, RespondTo } from '@isthmus/messaging';
import { createService, KeyRing, type RunningService, seal, ServiceEnv } from '@isthmus/service-kit';
import { keyRing, serviceDatabase, standIn, startNats } from '@isthmus/testing';
import { Migration } from '@mikro-orm/migrations';
import { Controller, Module } from '@nestjs/common';
import { runAccountSync, type RunningAccountSync } from '../../test/account-sync.fixture.ts';
import { workerOptions } from '../worker.module.ts';

const secretRing = keyRing('k1');
let simulator: RunningSimulator;

/** connector-config, as far as the worker needs it. */
@Controller()
class Connectors {
  @RespondTo(OpenConnector)
  open({ tenantId, connectorId }: OpenConnector): Promise<OpenConnectorResponse> {
    const { password, subscriptionKey, ...account } = defaultAccounts[0]!;
    const { apiUrl } = simulator;
    const context = { tenantId, connectorId, apiUrl, username: account.username };
    const sealed = (field: 'password' | 'subscriptionKey', value: string) =>
      seal(KeyRing.parse(secretRing), value, credentialContext(context, field, 1));
    return Promise.resolve({
      ...{ connectorId, name: 'Ingram', status: 'active', apiUrl, ...account },
      callLimit: { perMinute: null, perDay: null },
      sealed: {
        ...{ password: sealed('password', password), passwordVersion: 1 },
        ...{ subscriptionKey: sealed('subscriptionKey', subscriptionKey), subscriptionKeyVersion: 1 },
      },
    } as OpenConnectorResponse);
  }
}
@Module({ controllers: [Connectors] })
class ConnectorsModule {}
class MessagingTables extends Migration {
  override up(): void {
    for (const sql of messagingTablesSql) this.addSql(sql);
  }
}

let api: RunningAccountSync;
let connectorId: string;
let others: RunningService[];
const ending: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  simulator = await startSimulator({ limits: { perMinute: null, perDay: null } });
  const nats = await startNats();
  api = await runAccountSync({ NATS_URL: nats.url });
  const options = {
    ...{
      service: 'connector-config',
      module: ConnectorsModule,
      config: ServiceEnv,
      http: 'health-only' as const,
    },
    database: { entities: [], migrations: [MessagingTables] },
  };
  const fresh = await serviceDatabase(options);
  const common = { ...api.databaseEnv, NATS_URL: nats.url, PORT: '0', LOG_LEVEL: 'silent' };
  others = [
    await createService(options, { ...common, ...fresh.env, ...(await standIn(nats.url)) }),
    await createService(workerOptions, {
      ...{ ...common, SECRET_RING: secretRing, ALLOW_PRIVATE_ADDRESSES: 'yes' },
    }),
  ];
  for (const one of others) await one.listen();
  connectorId = await api.connector();
  ending.push(
    ...others.map((one) => () => one.close()),
    ...[() => api.stop(), () => fresh.drop(), () => simulator.close(), () => nats.stop()],
  );
});
afterAll(async () => {
  for (const end of ending) await end();
});

const wanted = (more: object = {}) => ({
  ...{ connectorId, name: `Fabrikam ${randomUUID().slice(0, 6)}` },
  address: { streetAddress: 'Main 1', postalCode: '92612', city: 'Irvine', state: 'CA', countryCode: 'US' },
  contact: {
    ...{ firstName: 'Jane', lastName: 'Doe', email: 'jane@fabrikam.example', phoneNumber: '+19495551234' },
  },
  customDomain: 'fabrikam.onmicrosoft.com',
  ...more,
});
const create = (body: object, key: string = randomUUID(), as = {}) =>
  api.call('POST', '/v1/provider-accounts', { body, headers: { 'idempotency-key': key }, as });

it('creates a customer at CMP once per key, and shows it with its domain', async () => {
  const [body, key] = [wanted(), randomUUID()];
  const made = await create(body, key, { sub: 'ann', roles: ['operator'] });
  expect(made).toMatchObject({
    status: 201,
    body: { name: body.name, connectorId, customDomain: 'fabrikam.onmicrosoft.com', tenantAccountId: null },
  });
  expect(made.headers.get('location')).toBe(`/v1/provider-accounts/${made.body.id}`);
  const again = await create(body, key, { sub: 'ann', roles: ['operator'] });
  expect(again.body).toEqual(made.body);
  expect((await create(wanted(), key)).body.type).toContain('idempotency-key-reused');
  const posts = (await simulator.control.requests()).filter(
    ({ method, path }) => method === 'POST' && path === '/customers',
  );
  expect(posts).toHaveLength(1);
  const { rows } = await api.pool.query('select subject, channel, role, action, thing_id from audit_entries');
  expect(rows).toEqual([
    {
      ...{ subject: 'ann', channel: 'console', role: 'operator', action: 'provider-account.create' },
      thing_id: made.body.id,
    },
  ]);
});

it('says what CMP refuses, and takes it once it is mended', async () => {
  const { address, ...rest } = wanted();
  const { state: _, ...without } = address;
  const refused = await create({ ...rest, address: without });
  expect(refused).toMatchObject({
    status: 422,
    body: { type: 'urn:isthmus:problem:provider-account.refused-by-cmp', nextStep: expect.any(String) },
  });
  expect((await create({ ...rest, address })).status).toBe(201);
  expect((await create({ ...rest, address })).body.type).toContain('provider-account.name-taken');
});

it('is for operators, and for connectors that are theirs and not paused', async () => {
  expect((await create(wanted(), undefined, { roles: ['viewer'] })).status).toBe(403);
  expect((await create(wanted(), undefined, { tenant: randomUUID() })).status).toBe(404);
  const paused = await api.connector({
    ...{ status: 'paused', paused: JSON.stringify({ cause: 'x', detail: 'Paused.', nextStep: 'Resume.' }) },
  });
  expect((await create(wanted({ connectorId: paused }))).status).toBe(409);
  for (const bad of [{ name: '' }, { address: undefined }, { contact: { email: 'x' } }, { language: 'en' }])
    expect((await create(wanted(bad))).status).toBe(400);
});
