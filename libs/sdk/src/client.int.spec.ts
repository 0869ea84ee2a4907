import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  connect,
  InvalidInput,
  type Isthmus,
  NotFound,
  OrderNotSettled,
  StaleVersion,
  Unavailable,
} from './index.ts';

interface Received {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}
type Respond = (response: ServerResponse, request: Received) => void;

let received: Received[] = [];
/** One for each request; the last one for all that follow. */
let script: Respond[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += String(chunk)));
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    received.push({ method, url, headers, body });
    const respond = script.length > 1 ? script.shift()! : script[0]!;
    respond(response, received.at(-1)!);
  });
});
let isthmus: Isthmus;
let baseUrl: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  isthmus = connect({ baseUrl, token: () => 'a-token', attempts: 3 });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  received = [];
});

const json =
  (status: number, body: object, headers: Record<string, string> = {}): Respond =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const problem = (
  status: number,
  code: string,
  more: object = {},
  headers: Record<string, string> = {},
): Respond =>
  json(
    status,
    { type: `urn:isthmus:problem:${code}`, title: 'A title', status, correlationId: 'c-1', ...more },
    { 'content-type': 'application/problem+json', ...headers },
  );
const hangUp: Respond = (response) => response.destroy();
const soon = { 'retry-after': '0' };
const order = { kind: 'cancel', subscriptionId: '2b1d3f6e-8d4f-4c53-9a4e-4b1a1c0e1f11' } as const;

describe('repeats what may be repeated', () => {
  it.each<[string, Respond]>([
    ['there is no response', hangUp],
    ['the service is away', problem(503, 'database-unavailable', {}, soon)],
    ['there were too many requests', problem(429, 'too-many-requests', {}, soon)],
    ['the first request with the key is still running', problem(409, 'idempotency-key-in-use', {}, soon)],
  ])('when %s: a command under the same key, which is made once', async (_, first) => {
    script = [first, first, json(202, { id: 'o-1' })];
    expect(await isthmus.orders.place(order)).toMatchObject({ id: 'o-1' });
    const keys = received.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(received.map(({ body }) => JSON.parse(body))).toEqual([order, order, order]);
    script = [json(202, { id: 'o-2' })];
    await isthmus.orders.place(order);
    expect(received[3]!.headers['idempotency-key']).not.toBe(keys[0]);
  });

  it('a read, and a change that names its version; but no command without either', async () => {
    script = [problem(503, 'unavailable', {}, soon), json(200, { version: 8 })];
    await isthmus.get('/v1/orders/{id}', { path: { id: 'x' } });
    expect(received).toHaveLength(2);
    script = [problem(503, 'unavailable', {}, soon), json(200, { version: 8 })];
    await isthmus.patch('/v1/connectors/{id}', { path: { id: 'x' }, version: 7, body: { name: 'Other' } });
    expect(received.slice(2).map(({ headers }) => headers['if-match'])).toEqual(['"7"', '"7"']);
    script = [problem(503, 'unavailable', {}, soon)];
    await expect(isthmus.post('/v1/connectors', { body: {} as never })).rejects.toThrow(Unavailable);
    expect(received).toHaveLength(5);
  });

  it('waits as long as the service says', async () => {
    script = [problem(503, 'unavailable', {}, { 'retry-after': '1' }), json(200, { data: [] })];
    const before = performance.now();
    await isthmus.get('/v1/connectors');
    expect(performance.now() - before).toBeGreaterThanOrEqual(990);
  });

  it('gives up after the attempts it has, with what was said last', async () => {
    script = [problem(503, 'database-unavailable', { nextStep: 'Wait.' }, soon)];
    const error: Unavailable = await isthmus.get('/v1/connectors').catch((caught) => caught);
    expect(error).toBeInstanceOf(Unavailable);
    expect(error).toMatchObject({ status: 503, code: 'database-unavailable', nextStep: 'Wait.' });
    expect(received).toHaveLength(3);
    script = [hangUp];
    await expect(isthmus.get('/v1/connectors')).rejects.toMatchObject({ name: 'Unavailable', status: 0 });
  });

  it.each<[string, Respond]>([
    ['breaks', (response) => setTimeout(() => response.destroy(), 20)],
    ['does not end in time', () => undefined],
  ])('when a response has begun and %s', async (_, then) => {
    const hasty = connect({ baseUrl, attempts: 2, timeoutMs: 300 });
    const half: Respond = (response, request) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":[');
      then(response, request);
    };
    script = [half, json(200, { data: [] })];
    expect(await hasty.get('/v1/connectors')).toEqual({ data: [] });
    script = [half];
    await expect(hasty.get('/v1/connectors')).rejects.toThrow(Unavailable);
  });

  it('ends at once when the caller does not want it any more', async () => {
    const stop = new AbortController();
    script = [
      (response, request) => {
        problem(503, 'unavailable', {}, { 'retry-after': '20' })(response, request);
        setTimeout(() => stop.abort(new Error('enough')), 50);
      },
    ];
    await expect(isthmus.get('/v1/connectors', { signal: stop.signal })).rejects.toThrow('enough');
    expect(received).toHaveLength(1);
  });
});

it('throws what a problem says, as an error of its kind', async () => {
  script = [
    problem(404, 'order.not-found', { detail: 'There is no order x.', nextStep: 'List the orders.' }),
  ];
  const missing: NotFound = await isthmus
    .get('/v1/orders/{id}', { path: { id: 'x' } })
    .catch((caught) => caught);
  expect(missing).toBeInstanceOf(NotFound);
  expect(missing.is('order.not-found')).toBe(true);
  expect(missing.is('quote.not-found')).toBe(false);
  expect(missing).toMatchObject({
    call: 'GET /v1/orders/{id}',
    correlationId: 'c-1',
    nextStep: 'List the orders.',
  });
  expect(missing.message).toBe('GET /v1/orders/{id}: There is no order x. List the orders.');

  const errors = [{ field: 'seats', message: 'seats must not be less than 1' }];
  script = [problem(400, 'invalid-input', { errors })];
  const invalid: InvalidInput = await isthmus.orders.place(order).catch((caught) => caught);
  expect(invalid).toBeInstanceOf(InvalidInput);
  expect(invalid.errors).toEqual(errors);
  script = [problem(422, 'order.refused', { detail: errors[0]!.message, errors })];
  const refused: Error = await isthmus.orders.place(order).catch((caught) => caught);
  // Once, although it is said twice.
  expect(refused.message).toBe('POST /v1/orders: seats must not be less than 1');

  script = [problem(412, 'stale-version')];
  const change = { path: { id: 'x' }, version: 1, body: {} };
  await expect(isthmus.patch('/v1/connectors/{id}', change)).rejects.toThrow(StaleVersion);
  script = [(response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not here</h1>')];
  await expect(isthmus.get('/v1/connectors')).rejects.toMatchObject({ name: 'NotFound', status: 404 });
});

it('reads a list to its end, page by page as the rows are needed', async () => {
  const pages = ['', 'p2', 'p3'].map((cursor, at, all) =>
    json(200, { data: [{ id: `${cursor}a` }, { id: `${cursor}b` }], nextCursor: all[at + 1] ?? null }),
  );
  script = [...pages];
  const ids: string[] = [];
  for await (const { id } of isthmus.all('/v1/orders', { query: { kind: 'create' } })) {
    ids.push(id);
    if (ids.length === 1) expect(received).toHaveLength(1);
  }
  expect(ids).toEqual(['a', 'b', 'p2a', 'p2b', 'p3a', 'p3b']);
  expect(received.map(({ url }) => url)).toEqual([
    '/v1/orders?limit=200&kind=create',
    '/v1/orders?limit=200&kind=create&cursor=p2',
    '/v1/orders?limit=200&kind=create&cursor=p3',
  ]);
});

/** The frames of a stream, and what happens to the connection after them. */
const frames =
  (texts: string[], then: 'breaks' | 'ends' | 'open' = 'breaks'): Respond =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`: open\n\n${texts.join('')}`, () => {
      if (then === 'ends') response.end();
      if (then === 'breaks') setTimeout(() => response.destroy(), 20);
    });
  };
const frame = (event: string, data: object, id?: number): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

describe('follows', () => {
  it('an order to its end, over connections that break', async () => {
    script = [
      frames([frame('progress', { id: 'o', status: 'planned' })]),
      hangUp,
      frames([
        frame('progress', { id: 'o', status: 'accepted' }),
        frame('finished', { id: 'o', status: 'settled' }),
      ]),
    ];
    const seen: string[] = [];
    for await (const { status } of isthmus.orders.follow('o')) seen.push(status);
    expect(seen).toEqual(['planned', 'accepted', 'settled']);
    expect(
      received.every(
        ({ url, headers }) => url === '/v1/orders/o/progress' && headers.accept === 'text/event-stream',
      ),
    ).toBe(true);
  });

  it('an order that ends otherwise, with its reason', async () => {
    const reason = { code: 'x', detail: 'CMP refuses it.', nextStep: 'Order again.' };
    script = [frames([frame('finished', { id: 'o', status: 'refused', reason })])];
    const error: OrderNotSettled = await isthmus.orders.settled('o').catch((caught) => caught);
    expect(error).toBeInstanceOf(OrderNotSettled);
    expect(error).toMatchObject({
      message: 'Order o is refused. CMP refuses it. Order again.',
      nextStep: 'Order again.',
    });
    expect(error.order.status).toBe('refused');
  });

  it('for no longer than it may, and says how far it was', async () => {
    script = [
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(frame('progress', { id: 'r', status: 'running' }));
      },
    ];
    await expect(isthmus.syncRuns.succeeded('r', { timeoutMs: 200 })).rejects.toMatchObject({
      name: 'StillGoingOn',
      message: 'r has not ended within 200 ms. It is running.',
    });
  });

  it.each<[string, Respond]>([
    ['the response', () => undefined],
    ['an event', frames([frame('progress', { id: 'r', status: 'running' })], 'open')],
  ])('ends when it is aborted, however long it has waited for %s', async (_, waiting) => {
    script = [waiting];
    const stop = new AbortController();
    const ended = isthmus.syncRuns.succeeded('r', { signal: stop.signal }).catch((caught) => caught);
    await sleep(100);
    // Node forgets what an AbortSignal has to end when the Request that it was given to is garbage-collected.
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let times = 0; times < 5; times += 1) {
      collect();
      await sleep(10);
    }
    stop.abort(new Error('enough'));
    expect(await Promise.race([ended, sleep(2_000, 'it goes on')])).toMatchObject({ message: 'enough' });
  });

  it('no longer than it has patience while there is no connection', async () => {
    const impatient = connect({ baseUrl, attempts: 1, patienceMs: 300 });
    script = [frames([frame('progress', { id: 'o', status: 'planned' })]), hangUp];
    const seen: string[] = [];
    const following = (async () => {
      for await (const { status } of impatient.orders.follow('o')) seen.push(status);
    })();
    await expect(following).rejects.toThrow(Unavailable);
    expect(seen).toEqual(['planned']);
    expect(received.length).toBeGreaterThan(2);
  });

  it('less and less often what breaks again and again', async () => {
    const stop = AbortSignal.timeout(1_500);
    const broken = 'event: error\ndata: {}\n\n';
    script = [frames([broken], 'ends')];
    const following = (async () => {
      for await (const _ of isthmus.orders.follow('o', { signal: stop })) void _;
    })();
    await expect(following).rejects.toThrow();
    expect(received.length).toBeLessThanOrEqual(5);
  });

  it('not what does not exist', async () => {
    script = [problem(404, 'order.not-found')];
    await expect(isthmus.orders.settled('x')).rejects.toThrow(NotFound);
    expect(received).toHaveLength(1);
  });

  it('events, going on after a break with the one behind the last', async () => {
    const event = (sequence: number) =>
      frame('event', { sequence, type: 'webhooks.endpoint-disabled.v1' }, sequence);
    const ready = frame('ready', { sequence: 4 }, 4);
    script = [frames([ready]), frames([event(5), event(6)]), frames([event(7)])];
    const seen: number[] = [];
    const types = ['webhooks.endpoint-disabled.v1', 'webhooks.endpoint-degraded.v1'] as const;
    for await (const { sequence } of isthmus.events.stream({ types })) {
      seen.push(sequence);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([5, 6, 7]);
    expect(received.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '4', '6']);
    expect(new URL(received[0]!.url, 'http://x').searchParams.getAll('type')).toEqual(types);
  });
});
