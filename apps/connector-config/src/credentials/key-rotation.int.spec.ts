import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CmpConnections } from '@isthmus/cmp-connections';
import { credentialContext, OpenConnector } from '@isthmus/contracts';
import { NatsConnection, RequestClient } from '@isthmus/messaging';
import {
  ConnectorSecretsEnv,
  createService,
  KeyRing,
  KeyRotation,
  open,
  type RunningService,
  seal,
} from '@isthmus/service-kit';
import {
  goodConnector,
  ringOf,
  secrets,
  startConnectorConfig,
  startMs,
  type Caller,
  type Started,
} from '../../test/service.fixture.ts';

let started: Started;
let admin: Caller;
let caller: RunningService<ConnectorSecretsEnv>;

const start = async (env: Record<string, string> = {}) => {
  started = await startConnectorConfig({ ALLOW_PRIVATE_ADDRESSES: 'yes', ...env });
  admin = await started.as('admin');
  caller = await createService(
    {
      service: 'account-sync',
      module: class OnlyRequests {},
      config: ConnectorSecretsEnv,
      http: 'health-only',
    },
    { ...started.settings, SECRET_RING: undefined, LOG_LEVEL: 'silent' },
  );
  await caller.listen();
};
afterEach(async () => {
  await caller.close();
  await started.stop();
}, startMs);

const create = async (more: object = {}, by = admin): Promise<string> => {
  const reply = await by('POST', '/v1/connectors', goodConnector(more));
  expect(reply.status).toBe(201);
  return reply.body.id;
};

/** The connections of a process that has just started, with the keys it was given. */
const connections = (keys: string, options: { acceptsUnbound?: boolean } = {}) =>
  new CmpConnections(
    caller.get(RequestClient),
    KeyRing.parse(keys, options),
    caller.get(NatsConnection),
    caller.get(ConnectorSecretsEnv),
  );
const openWith = (keys: string, connectorId: string, options?: { acceptsUnbound?: boolean }) =>
  connections(keys, options).open({ tenantId: admin.tenantId, connectorId }, 'sync');
const prefixes = async () => {
  const rows = await started.rows('select sealed from connector_secrets where sealed is not null');
  return [...new Set(rows.map(({ sealed }) => sealed.split('.').slice(0, 2).join('.')))].sort((one, other) =>
    one < other ? -1 : 1,
  );
};

it('rotates a key in a rolling restart without one secret that cannot be opened', async () => {
  await start();
  const known = [await create()];
  /** A worker that has only the old key, and starts anew all the time, as one that opens each connector for the first time. */
  let opened = 0;
  const failures: unknown[] = [];
  let over = false;
  let workersKeys = ringOf('k1');
  const work = (async () => {
    while (!over) {
      for (const id of known)
        await openWith(workersKeys, id).then(
          () => (opened += 1),
          async (error: unknown) => {
            failures.push(error);
            // One that fails at once must not keep everything else from running.
            await new Promise(setImmediate);
          },
        );
      // What is refused without asking anybody must not keep the process from everything else.
      await new Promise(setImmediate);
    }
  })();

  const rotate = async () => {
    // By mistake the new key is the current one of a replica before the others have it.
    const hasty = await started.replica({ SECRET_RING: ringOf('k1', 'k2') });
    const viaHasty = await started.as('admin', admin.tenantId, 'ann', hasty.url);
    known.push(await create({}, viaHasty));
    expect(await hasty.get(KeyRotation).resealAll()).toBe(0);
    expect(await prefixes()).toEqual(['s2.k1']);
    await hasty.close();

    // Step one: every replica has it. Step two: it is the current one, here in one replica after the other.
    const knowsBoth = JSON.stringify({ ...JSON.parse(ringOf('k1', 'k2')), current: 'k1' });
    const second = await started.replica({ SECRET_RING: knowsBoth });
    await started.service.close();
    const third = await started.replica({ SECRET_RING: ringOf('k1', 'k2') });
    expect(await third.get(KeyRotation).resealAll()).toBe(0);
    expect(await second.get(KeyRotation).resealAll()).toBe(0);
    known.push(await create({}, await started.as('admin', admin.tenantId, 'ann', third.url)));
    expect(await prefixes()).toEqual(['s2.k1', 's2.k2']);
    await second.close();
    await third.get(KeyRotation).resealAll();
    expect(await prefixes()).toEqual(['s2.k2']);

    // The worker still has the old key only, then both, then the new one only.
    for (const keys of [workersKeys, knowsBoth, ringOf('k2')]) {
      const [before, failed] = [opened, failures.length];
      workersKeys = keys;
      while (opened + failures.length < before + failed + 20) await new Promise(setImmediate);
    }
  };
  try {
    await rotate();
  } finally {
    over = true;
    await work;
  }
  expect(failures).toEqual([]);
  expect(opened).toBeGreaterThan(60);
  await expect(openWith(ringOf('k3'), known[0]!)).rejects.toMatchObject({
    code: 'connector.not-usable',
    message: expect.not.stringMatching(/k[123]/),
  });
}, 60_000);

it('sends no credentials to an address or user name other than the stored one, whoever wrote it there', async () => {
  await start();
  let requests = 0;
  const thief = createServer((_, response) => {
    requests += 1;
    response.end('{}');
  });
  await new Promise<void>((listening) => thief.listen(0, '127.0.0.1', listening));
  const apiUrl = `http://127.0.0.1:${(thief.address() as AddressInfo).port}`;
  try {
    for (const [column, value] of [
      ['api_url', apiUrl],
      ['username', 'someone.else'],
    ]) {
      const id = await create();
      await expect(openWith(ringOf('k1'), id)).resolves.toBeDefined();
      await started.rows(`update connectors set ${column} = $1 where id = $2`, [value, id]);
      await expect(openWith(ringOf('k1'), id)).rejects.toMatchObject({ code: 'secret.not-opened' });
      expect((await admin('POST', `/v1/connectors/${id}/verify`)).status).toBe(409);
    }
    expect(requests).toBe(0);
  } finally {
    thief.close();
  }
});

it('a new user name keeps the subscription key, which is then bound to the new name', async () => {
  await start();
  const id = await create();
  const body = { username: 'renamed.api', password: 'of the new user' };
  const changed = await admin('PATCH', `/v1/connectors/${id}`, body, { 'if-match': '"1"' });
  expect(changed.status).toBe(200);
  const { tenantId } = admin;
  const opened = await caller
    .get(RequestClient)
    .request(OpenConnector, { tenantId, connectorId: id, keyIds: ['k1'] });
  const reveal = (username: string) =>
    open(
      KeyRing.parse(ringOf('k1')),
      opened.sealed.subscriptionKey,
      credentialContext({ ...opened, tenantId, username }, 'subscriptionKey', 1),
    ).reveal();
  expect(reveal('renamed.api')).toBe(secrets.subscriptionKey);
  expect(() => reveal('isthmus-us.api')).toThrow();
});

it('binds secrets of an older release once the setting for its time is gone, and both kinds of worker open them until then', async () => {
  await start({ UNBOUND_SECRETS: 'accept' });
  const id = await create();
  expect(await prefixes()).toEqual(['s1.k1']);
  await expect(openWith(ringOf('k1'), id)).resolves.toBeDefined();
  await expect(openWith(ringOf('k1'), id, { acceptsUnbound: true })).resolves.toBeDefined();
  // What a worker of the older release asks and opens.
  const { tenantId } = admin;
  const { sealed } = await caller.get(RequestClient).request(OpenConnector, { tenantId, connectorId: id });
  const unbound = { tenantId, connectorId: id, field: 'password', version: 1 };
  expect(open(KeyRing.parse(ringOf('k1')), sealed.password, unbound).reveal()).toBe(secrets.password);

  const strict = await started.replica({ UNBOUND_SECRETS: 'refuse' });
  await strict.get(KeyRotation).resealAll();
  expect(await prefixes()).toEqual(['s2.k1']);
  await expect(openWith(ringOf('k1'), id)).resolves.toBeDefined();
  await expect(openWith(ringOf('k1'), id, { acceptsUnbound: true })).resolves.toBeDefined();
});

it('moves 10,000 secrets to a new key within a minute, and each opens afterwards', async () => {
  await start();
  const tenantId = randomUUID();
  const ring = KeyRing.parse(ringOf('k1'));
  const ids = Array.from({ length: 5_000 }, () => randomUUID());
  const recipient = { apiUrl: 'https://api.cloud.im/marketplace/na', username: 'ann' };
  const rows = ids.flatMap((connectorId) =>
    (['password', 'subscriptionKey'] as const).map((field) => ({
      connectorId,
      field,
      sealed: seal(
        ring,
        `${field} ${connectorId}`,
        credentialContext({ tenantId, connectorId, ...recipient }, field, 1),
      ),
    })),
  );
  await started.rows(
    `insert into connectors (id, tenant_id, name, username, api_url, account_id, country, currency, marketplace,
       marketplace_chosen, schedule, call_limit, status, connection_version, created_at, updated_at)
     select id, $2, id::text, $3, $4, '1', 'US', 'USD', 'us', false, '{}',
       '{"perMinute": 100, "perDay": 10000}', 'active', 1, now(), now()
     from unnest($1::uuid[]) as id`,
    [ids, tenantId, recipient.username, recipient.apiUrl],
  );
  await started.rows(
    `insert into connector_secrets (connector_id, field, version, tenant_id, sealed, set_by, set_at)
     select id, field, 1, $4, sealed, 'ann', now() from unnest($1::uuid[], $2::text[], $3::text[]) as s (id, field, sealed)`,
    [
      rows.map((row) => row.connectorId),
      rows.map((row) => row.field),
      rows.map((row) => row.sealed),
      tenantId,
    ],
  );
  await started.service.close();
  const begun = performance.now();
  // Its own round at the start may have begun already.
  const rotated = await started.replica({ SECRET_RING: ringOf('k1', 'k2') });
  let over = false;
  const failures: unknown[] = [];
  /** Opens one connector after the other, each for the first time, and says how many. */
  const openAll = async (keys: string, from: number): Promise<number> => {
    const worker = connections(keys);
    let opened = 0;
    for (let at = from; !over && at < ids.length; at += 2)
      await worker.open({ tenantId, connectorId: ids[at]! }, 'sync').then(
        () => (opened += 1),
        (error: unknown) => failures.push(error),
      );
    return opened;
  };
  // One has the old key only, as before the rotation; the other has both.
  const workers = Promise.all([openAll(ringOf('k1'), 0), openAll(ringOf('k1', 'k2'), 1)]);
  await rotated
    .get(KeyRotation)
    .resealAll()
    .finally(() => (over = true));
  const opened = await workers;
  const seconds = (performance.now() - begun) / 1000;
  process.stderr.write(
    `10,000 secrets moved to another key in ${seconds.toFixed(1)} s, with the start of the service; ${opened.join(' and ')} connectors opened meanwhile.\n`,
  );
  expect(seconds).toBeLessThan(60);
  expect(failures).toEqual([]);
  for (const count of opened) expect(count).toBeGreaterThan(0);
  expect(await prefixes()).toEqual(['s2.k2']);
  const only = KeyRing.parse(ringOf('k2'));
  const stored = await started.rows('select connector_id, field, sealed from connector_secrets');
  expect(stored).toHaveLength(10_000);
  for (const { connector_id: connectorId, field, sealed } of stored) {
    const context = credentialContext({ tenantId, connectorId, ...recipient }, field, 1);
    expect(open(only, sealed, context).reveal()).toBe(`${field} ${connectorId}`);
  }
}, 120_000);
