import { randomBytes } from 'node:crypto';
import { eventually, type Reply } from '@isthmus/testing';
import { runTraced, valueOf as value } from '../../test/traced.fixture.ts';

let service: Awaited<ReturnType<typeof runTraced>>;
beforeAll(async () => {
  service = await runTraced(0);
  ({ spans, seen } = service);
});
afterAll(() => service.stop());

let spans: typeof service.spans;
let seen: typeof service.seen;
const authorized = () => ({ authorization: `Bearer ${service.token}` });
const call = (headers: Record<string, string> = {}): Promise<Reply> =>
  service.call('GET', '/v1/traced/1', { ...authorized(), ...headers });

const traceId = '0af7651916cd43dd8448eb211c80319c';
const named = (name: string) => spans.find((span) => span.traceId === traceId && span.name === name);

it('one trace runs from the caller through the route and its statements to the next server', async () => {
  const { body } = await call({
    traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    'x-correlation-id': 'correlation-1',
  });
  const route = await eventually(() => named('GET /v1/traced/:id'));
  expect(route.parentSpanId).toBe('b7ad6b7169203331');
  expect(value(route, 'isthmus.correlation.id')).toEqual({ stringValue: 'correlation-1' });
  expect(value(route, 'isthmus.tenant.id')?.stringValue).toMatch(/^[\da-f-]{36}$/);

  const statements = spans.filter((span) => span.traceId === traceId && span.name === 'pg select');
  expect(statements.map((span) => value(span, 'db.query.text')?.stringValue)).toEqual(
    expect.arrayContaining(['select ? = $1', 'select ?']),
  );
  for (const statement of statements) expect(statement.parentSpanId).toBe(route.spanId);

  const outgoing = await eventually(() => named('GET'));
  expect(outgoing.parentSpanId).toBe(route.spanId);
  expect(value(outgoing, 'url.full')?.stringValue).toMatch(
    /^http:\/\/127\.0\.0\.1:\d+\/upstream\/\[redacted\]$/,
  );
  expect(value(outgoing, 'url.query')).toBeUndefined();
  expect(seen.traceparent).toBe(`00-${traceId}-${outgoing.spanId}-01`);
  expect(body.correlationId).toBe('correlation-1');
  expect(JSON.stringify(spans)).not.toMatch(/hunter2-value|secret=/);
});

it('a trace the caller does not keep is not sent, and neither are new ones at ratio 0', async () => {
  spans.length = 0;
  const other = '11111111111111111111111111111111';
  await call({ traceparent: `00-${other}-b7ad6b7169203331-00` });
  expect(seen.traceparent).toMatch(new RegExp(`^00-${other}-[\\da-f]{16}-00$`));
  await call();
  await call({ traceparent: `00-${traceId}-b7ad6b7169203331-01` });
  await eventually(() => named('GET /v1/traced/:id'));
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
});

const all = (path: string) => spans.filter((span) => JSON.stringify(span).includes(path));

describe('a caller that is not authenticated', () => {
  const sampled = () => {
    const id = randomBytes(16).toString('hex');
    return { id, headers: { traceparent: `00-${id}-b7ad6b7169203331-01` } };
  };

  it.each<[string, string, string, () => Record<string, string>]>([
    ['without a token', 'GET', '/v1/traced/1', () => ({})],
    [
      'with a token that is not valid',
      'GET',
      '/v1/traced/1',
      () => ({ authorization: 'Bearer abc.def.ghi' }),
    ],
    ['of a route that is open', 'GET', '/healthz/live', () => ({})],
    ['of a route that there is not', 'GET', '/v1/nothing', authorized],
    ['with a method that is not allowed', 'DELETE', '/healthz/live', () => ({})],
    ['that accepts nothing we have', 'GET', '/v1/traced/1', () => ({ ...authorized(), accept: 'text/csv' })],
  ])('does not decide what is traced: %s', async (_, method, path, headers) => {
    spans.length = 0;
    const { id, headers: traced } = sampled();
    await service.call(method, path, { ...headers(), ...traced });
    // What is sent later shows that nothing of it was sent before.
    await call(sampled().headers);
    await eventually(() => spans.find((span) => span.name === 'GET /v1/traced/:id'));
    expect(JSON.stringify(spans)).not.toContain(id);
  });
});

it('records no values of statements, addresses and errors, whoever wrote them', async () => {
  await eventually(() => spans.find((span) => span.name === 'GET'));
  expect(all('hunter2')).toEqual([]);
  expect(spans.some((span) => value(span, 'db.query.text')?.stringValue === 'select ?')).toBe(true);
});
