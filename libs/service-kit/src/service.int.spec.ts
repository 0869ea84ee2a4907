import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { eventually, freePort, freshDatabase, startNats, startPlatform } from '@isthmus/testing';
import { Client, Pool } from 'pg';
import { notesService, runNotes, type RunningNotes } from '../test/notes.fixture.ts';
import { ServiceEnv } from './config.ts';
import { MetricsServer, NeededMigrations, Readiness } from './health.controller.ts';
import { createService } from './service.ts';
import { migrateDatabase } from './start.ts';

let notes: RunningNotes;
beforeAll(async () => {
  notes = await runNotes();
});
afterAll(() => notes.close());

const write = (text: string, key: string = crypto.randomUUID()) =>
  notes.call('POST', '/v1/notes', { body: { text }, headers: { 'idempotency-key': key } });

it('accepts a command, shows the result with an ETag and lists it', async () => {
  const accepted = await write('hello');
  expect(accepted.status).toBe(202);
  const location = accepted.headers.get('location') ?? '';
  const shown = await notes.call('GET', location);
  expect(shown.body).toMatchObject({ text: 'hello', version: 1 });
  expect(shown.headers.get('etag')).toBe('"1"');
  const listed = await notes.call('GET', '/v1/notes?limit=200');
  expect(listed.body.data).toContainEqual(shown.body);
});

it('is live, ready and measurable without a token', async () => {
  expect(await notes.call('GET', '/healthz/live', { token: null })).toMatchObject({
    status: 200,
    body: { status: 'up' },
  });
  expect((await notes.call('GET', '/healthz/ready', { token: null })).body).toMatchObject({ database: 'up' });
  const metrics = await notes.call('GET', '/metrics', { token: null });
  expect(metrics.body.text).toMatch(/http_server_request_duration_bucket\{[^}]*http_route="\/v1\/notes"/);
});

it('serves its metrics at a port of their own, and no API document, where that is set', async () => {
  const closed = await runNotes({}, { METRICS_PORT: '0', API_DOCS: 'no' });
  try {
    for (const path of ['/metrics', '/docs', '/docs/swagger-ui.css', '/openapi.json'])
      expect([path, (await closed.call('GET', path, { token: null })).status]).toEqual([path, 404]);
    expect((await closed.call('GET', '/healthz/ready', { token: null })).status).toBe(200);
    const at = `http://127.0.0.1:${closed.service.get(MetricsServer).port}`;
    expect(await (await fetch(`${at}/metrics`)).text()).toContain('# TYPE');
    for (const path of ['/v1/notes', '/healthz/live', '/openapi.json'])
      expect((await fetch(at + path)).status).toBe(404);
  } finally {
    await closed.close();
  }
});

it('serves its API document beside its metrics where that is set, and not to who reaches the API', async () => {
  const notes = await runNotes({}, { METRICS_PORT: '0', API_DOCS: 'metrics-port' });
  try {
    const at = `http://127.0.0.1:${notes.service.get(MetricsServer).port}`;
    for (const path of ['/docs', '/docs/swagger-ui.css', '/docs/start.js', '/openapi.json']) {
      expect((await notes.call('GET', path, { token: null })).status).toBe(404);
      expect((await fetch(at + path)).status).toBe(200);
    }
    expect(await (await fetch(`${at}/openapi.json`)).json()).toHaveProperty('paths./v1/notes');
    for (const path of ['/v1/notes', '/docs/constructor', '/docs/../package.json'])
      expect((await fetch(at + path)).status).toBe(404);
    expect((await fetch(`${at}/docs`, { method: 'POST' })).status).toBe(405);
  } finally {
    await notes.close();
  }
});

it('is ready only when every migration of this build has run, and stays so when later ones have', async () => {
  const notes = await runNotes();
  const pool = notes.service.get(Pool);
  const ready = async () => {
    const { status, body } = await notes.call('GET', '/healthz/ready', { token: null });
    return { status, database: body.database };
  };
  try {
    const readiness = new Readiness(pool, undefined, new NeededMigrations(['MakeNotes', 'MakeMore']));
    expect(await readiness.check()).toMatchObject({ status: 'down', database: 'behind' });
    await notes.pool.query(`insert into mikro_orm_migrations (name, executed_at) values ('MakeMore', now())`);
    expect(await readiness.check()).toMatchObject({ status: 'up', database: 'up' });
    expect(await ready()).toEqual({ status: 200, database: 'up' });
  } finally {
    await notes.close();
  }
});

it('migrates a database that becomes available while it waits; one that it may not enter is not waited for', async () => {
  const database = await freshDatabase('late');
  const tables = { service: 'late', config: ServiceEnv, database: { entities: [], migrations: [] } };
  const { hostname, port: realPort } = new URL(database.env.DATABASE_URL);
  const port = await freePort();
  const at = (address: string) => Object.assign(new URL(address), { port: String(port) }).href;
  const addresses = Object.fromEntries(
    Object.entries(database.env).map(([name, value]) => [name, name.endsWith('_URL') ? at(value) : value]),
  );
  const late = createServer((socket) => {
    const server = connect(Number(realPort), hostname);
    for (const [from, to] of [
      [socket, server],
      [server, socket],
    ] as const)
      from.pipe(to).on('error', () => from.destroy());
  });
  try {
    const migrated = migrateDatabase(tables, addresses);
    await setTimeout(1_500);
    late.listen(port, '127.0.0.1');
    expect(await migrated).toEqual([]);
    const stranger = new URL(database.env.MIGRATION_DATABASE_URL);
    stranger.username = 'nobody_here';
    const settings = {
      ...database.env,
      ADMIN_DATABASE_URL: undefined,
      MIGRATION_DATABASE_URL: stranger.href,
    };
    await expect(migrateDatabase(tables, settings)).rejects.toThrow(/role "nobody_here" does not exist/);
  } finally {
    late.close();
    await database.drop();
  }
});

it('is not ready with an empty database', async () => {
  const database = await freshDatabase('empty');
  const platform = await startPlatform({ nats: process.env.TEST_NATS_URL });
  // The roles are there, and no table.
  const roles = { service: 'empty', config: ServiceEnv, database: { entities: [], migrations: [] } };
  await migrateDatabase(roles, database.env);
  const admin = new Client({ connectionString: database.url });
  await admin.connect();
  await admin.query('drop table mikro_orm_migrations');
  await admin.end();
  const service = await createService(notesService, { ...platform.env, ...database.env });
  try {
    await service.listen();
    const answer = await fetch(`${service.url}/healthz/ready`);
    expect(await answer.json()).toMatchObject({ status: 'down', database: 'behind' });
    expect(answer.status).toBe(503);
    await service.migrate();
    expect((await fetch(`${service.url}/healthz/ready`)).status).toBe(200);
  } finally {
    await service.close();
    await platform.stop();
    await database.drop();
  }
});

it('measures its own process', async () => {
  const { body } = await notes.call('GET', '/metrics', { token: null });
  const value = (name: string) =>
    Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(String(body.text))?.[1]);
  expect(value('process_cpu_time_total')).toBeGreaterThan(0);
  expect(value('process_memory_usage')).toBeGreaterThan(10e6);
  expect(value('v8js_memory_heap_used')).toBeGreaterThan(1e6);
  expect(value('v8js_memory_heap_limit')).toBeGreaterThan(value('v8js_memory_heap_used'));
  expect(value('process_uptime')).toBeGreaterThan(0);
  expect(value('nodejs_eventloop_delay_p99')).toBeGreaterThanOrEqual(0);
  expect(value('nodejs_eventloop_utilization')).toBeLessThanOrEqual(1);
});

it('relays its outbox, and its metrics count it', async () => {
  // Only the producer of an event has its stream, so the service must have a producer's name.
  const producer = await runNotes({ service: 'connector-config' });
  await producer.pool.query(
    `insert into outbox (id, type, aggregate_id, aggregate_version, tenant_id, correlation_id, time, data)
     values ($1::uuid, 'connector-config.connector-created.v1', $1::text, 1, $1::uuid, 'c', now(), '{}')`,
    [crypto.randomUUID()],
  );
  const published = async () => (await producer.call('GET', '/metrics', { token: null })).body.text;
  await eventually(async () => /^isthmus_outbox_published_total [1-9]/m.test(String(await published())));
  await producer.close();
});

it('accepts commands while NATS is away, is ready, and says that it is degraded', async () => {
  const alone = await runNotes({}, { NATS_URL: 'nats://127.0.0.1:1' });
  const accepted = await alone.call('POST', '/v1/notes', {
    body: { text: 'a' },
    headers: { 'idempotency-key': crypto.randomUUID() },
  });
  expect(accepted.status).toBe(202);
  expect(await alone.call('GET', '/healthz/ready', { token: null })).toMatchObject({
    status: 200,
    body: { status: 'degraded', database: 'up', nats: 'connecting' },
  });
  await alone.close();
});

it('is ready without JetStream, and says that it is degraded, why, and what to do', async () => {
  const nats = await startNats();
  const conf = await readFile(nats.config, 'utf8');
  await writeFile(nats.config, conf.replace(/^jetstream .*$/m, ''));
  const alone = await runNotes({}, { NATS_URL: nats.url });
  const ready = () => alone.call('GET', '/healthz/ready', { token: null });
  await eventually(async () => (await ready()).body.status === 'up');
  process.kill(nats.pid, 'SIGHUP');
  await eventually(async () => (await ready()).body.status === 'degraded');
  expect(await ready()).toMatchObject({
    status: 200,
    body: {
      status: 'degraded',
      database: 'up',
      nats: 'without-jetstream',
      problem: expect.stringMatching(/JetStream .*off .*nats\.conf/),
    },
  });
  await alone.close();
  await nats.stop();
});

it('says 503 while the keys of the identity provider cannot be read', async () => {
  const keyless = await runNotes({}, { OIDC_JWKS_URL: 'http://127.0.0.1:1/jwks' });
  const refused = await keyless.call('GET', '/v1/notes');
  expect(refused).toMatchObject({ status: 503, body: { type: 'urn:isthmus:problem:issuer-unavailable' } });
  expect(refused.headers.get('retry-after')).toBe('5');
  await keyless.close();
});
