import { eventually } from '@isthmus/testing';
import { runNotes, type RunningNotes } from '../test/notes.fixture.ts';
import { MetricsServer } from './health.controller.ts';

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

it('says 503 while the keys of the identity provider cannot be read', async () => {
  const keyless = await runNotes({}, { OIDC_JWKS_URL: 'http://127.0.0.1:1/jwks' });
  const refused = await keyless.call('GET', '/v1/notes');
  expect(refused).toMatchObject({ status: 503, body: { type: 'urn:isthmus:problem:issuer-unavailable' } });
  expect(refused.headers.get('retry-after')).toBe('5');
  await keyless.close();
});
