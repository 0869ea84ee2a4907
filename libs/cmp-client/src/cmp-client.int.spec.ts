import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { systemClock, type Clock } from '@isthmus/domain';
import { Agent } from 'undici';
import { CallBudget } from './budget/call-budget.ts';
import type { CmpCall } from './call/cmp-call.ts';
import { CmpClient, type CmpClientOptions } from './cmp-client.ts';
import type { CmpConnection } from './cmp-connection.ts';
import { readListing } from './listing/read-listing.ts';
import { ScriptedServer } from './scripted-server.ts';

const tokenBody = (token: string, expiresInSeconds = 1500) => ({ body: { token, expiresInSeconds } });
const row = { id: '1', name: 'Fabrikam', status: 'active' };
const page = (rows: object[]) => ({
  body: { data: rows, pagination: { offset: 0, limit: 500, total: rows.length } },
});
const order = {
  id: '5',
  type: 'sales',
  customerId: '1',
  status: 'submitted',
  creationDate: '2026-07-27T02:11:09Z',
};
const unauthorized = { status: 401, body: { timeStamp: 'x', status: 401, message: 'Token expired' } };
const drop = (response: { socket: { destroy(): void } | null }) => response.socket!.destroy();

describe('CmpClient', () => {
  let server: ScriptedServer;
  let dispatcher: Agent;
  let connection: CmpConnection;
  const calls: CmpCall[] = [];

  const client = (options: Partial<CmpClientOptions> = {}) =>
    new CmpClient(connection, {
      budget: CallBudget.unlimited(),
      dispatcher,
      random: () => 0,
      onCall: (call) => calls.push(call),
      ...options,
    });

  beforeEach(async () => {
    server = (await ScriptedServer.start()).on('/na/token', tokenBody('token-1'));
    dispatcher = new Agent();
    connection = {
      connectorId: 'c1',
      apiUrl: `${server.url}/na/`,
      username: 'some.api',
      password: 'pass-word-1',
      subscriptionKey: '5f1e0c7a9b3d42e68a10c4d7e2f9b6a1',
      marketplace: 'us',
    };
    calls.length = 0;
  });

  afterEach(async () => {
    await dispatcher.destroy();
    await server.stop();
  });

  it('asks for a token with Basic credentials and the key, and then sends it with the key', async () => {
    server.on('/na/customers/1', { body: row });
    await expect(client().customers.get('1')).resolves.toMatchObject(row);

    const [token, call] = server.seen;
    expect(token).toMatchObject({ method: 'POST', body: '{"marketplace":"us"}' });
    expect(token!.headers.authorization).toBe(
      `Basic ${Buffer.from('some.api:pass-word-1').toString('base64')}`,
    );
    expect(call!.headers.authorization).toBe('Bearer token-1');
    for (const { headers } of server.seen)
      expect(headers['x-subscription-key']).toBe(connection.subscriptionKey);
  });

  it('fetches one token for many calls at once, in every lane', async () => {
    server.on('/na/customers/1', { body: row });
    const one = client();
    const other = one.inLane('sync');
    await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? one : other).customers.get('1')));
    expect(server.calls('/na/token')).toHaveLength(1);
    expect(new Set(calls.filter(({ operation }) => operation !== 'token').map(({ lane }) => lane))).toEqual(
      new Set(['interactive', 'sync']),
    );
  });

  it('fetches a new token before the old one ends', async () => {
    server
      .on('/na/token', tokenBody('short', 0.1), tokenBody('token-2'))
      .on('/na/customers/1', { body: row });
    const one = client();
    await one.customers.get('1');
    await new Promise((resolve) => setTimeout(resolve, 60));
    await one.customers.get('1');
    expect(server.calls('/na/customers/1').map(({ headers }) => headers.authorization)).toEqual([
      'Bearer short',
      'Bearer token-2',
    ]);
  });

  it('renews the session once when CMP ends it early, and gives up when that does not help', async () => {
    server
      .on('/na/token', tokenBody('dead'), tokenBody('alive'))
      .on('/na/customers/1', unauthorized, { body: row });
    await expect(client().customers.get('1')).resolves.toMatchObject(row);
    expect(server.calls('/na/token')).toHaveLength(2);

    server.on('/na/customers/1', unauthorized);
    await expect(client().customers.get('1')).rejects.toMatchObject({
      code: 'cmp.rejected',
      category: 'credentials',
    });
    expect(server.calls('/na/customers/1')).toHaveLength(4);
  });

  it('never sends an order twice: not for a lost session, a busy gateway, a throttle or a cut connection', async () => {
    const one = client();
    const cases = [
      [unauthorized, { code: 'cmp.unavailable', reason: 'session-lost', outcome: 'refused' }],
      [{ status: 503 }, { code: 'cmp.unavailable', outcome: 'unknown' }],
      [
        { status: 504, body: '<html><title>504 Gateway Time-out</title>' },
        { code: 'cmp.unavailable', outcome: 'unknown' },
      ],
      [
        { status: 429, headers: { 'retry-after': '1' } },
        { code: 'cmp.throttled', outcome: 'refused' },
      ],
      [drop, { code: 'cmp.unavailable', reason: 'connection-lost', outcome: 'unknown' }],
    ] as const;
    for (const [index, [answer, error]] of cases.entries()) {
      server.on('/na/orders', answer as never);
      await expect(one.orders.place({ type: 'sales', customerId: '1' })).rejects.toMatchObject({
        operation: 'orders.place',
        ...error,
      });
      expect(server.calls('/na/orders')).toHaveLength(index + 1);
    }
    server.on('/na/orders', { body: order });
    await expect(one.orders.place({ type: 'sales', customerId: '1' })).resolves.toMatchObject({
      id: '5',
      status: 'submitted',
    });
  });

  it('says of an order that timed out that it may have been placed', async () => {
    server.on('/na/orders', () => undefined);
    const impatient = client({ assumptions: { orderTimeoutSeconds: 0.05 } });
    await expect(impatient.orders.place({ type: 'sales', customerId: '1' })).rejects.toMatchObject({
      code: 'cmp.unavailable',
      reason: 'timeout',
      outcome: 'unknown',
    });
  });

  it('says that nothing was sent when CMP cannot be reached', async () => {
    const gone = client();
    await server.stop();
    await expect(gone.orders.place({ type: 'sales', customerId: '1' })).rejects.toMatchObject({
      reason: 'connect',
      outcome: 'not-sent',
    });
    server = await ScriptedServer.start();
  });

  it('says that an order was not sent when the token was what failed', async () => {
    server.on('/na/token', { status: 401, body: { status: 401, message: 'Bad credentials' } });
    await expect(client().orders.place({ type: 'sales', customerId: '1' })).rejects.toMatchObject({
      operation: 'token',
      category: 'credentials',
      outcome: 'not-sent',
    });
    expect(server.calls('/na/orders')).toHaveLength(0);
  });

  it.each([
    [{ status: 502 }],
    [{ status: 503 }],
    [{ status: 504 }],
    [{ status: 429, headers: { 'retry-after': '0' } }],
    [drop],
  ])('reads again after %j', async (answer) => {
    server.on('/na/customers/1', answer as never, { body: row });
    await expect(client().customers.get('1')).resolves.toMatchObject(row);
    expect(calls.map(({ attempt, result }) => [attempt, result]).slice(1)).toEqual([
      [1, expect.stringMatching(/^cmp\./)],
      [2, 'ok'],
    ]);
  });

  it('reads again only a few times, and not at all after failures that would come again', async () => {
    server
      .on('/na/customers/1', { status: 503 })
      .on('/na/customers/2', { status: 400, body: { status: 400, message: 'no' } });
    // Short sleeps are pauses between attempts, long ones the timeouts.
    const hurried: Clock = {
      now: Date.now,
      sleep: (ms, signal) => (ms < 5000 ? Promise.resolve() : systemClock.sleep(ms, signal)),
    };
    const one = client({ clock: hurried });
    await expect(one.customers.get('1')).rejects.toMatchObject({ code: 'cmp.unavailable', httpStatus: 503 });
    expect(server.calls('/na/customers/1')).toHaveLength(4);
    await expect(one.customers.get('2')).rejects.toMatchObject({ category: 'validation' });
    expect(server.calls('/na/customers/2')).toHaveLength(1);
  });

  it('changes nothing twice', async () => {
    server.on('/na/subscriptions/9', { status: 503 });
    await expect(client().subscriptions.update('9', { renewalStatus: false })).rejects.toMatchObject({
      outcome: 'unknown',
    });
    expect(server.calls('/na/subscriptions/9')).toMatchObject([
      { method: 'PATCH', body: '{"renewalStatus":false}' },
    ]);
  });

  it('tells the budget about a throttle, so that the next call waits', async () => {
    server.on('/na/customers/1', { status: 429, headers: { 'retry-after': '1' } }, { body: row });
    const budget = CallBudget.local();
    const startedAt = Date.now();
    await client({ budget }).customers.get('1');
    expect(Date.now() - startedAt).toBeGreaterThan(1000);
    expect(calls.at(-1)).toMatchObject({
      operation: 'customers.get',
      attempt: 2,
      result: 'ok',
      correlationId: 'a8n-test',
    });
    expect(calls.at(-1)!.waitedMs).toBeGreaterThan(900);
  });

  it('sends filters as CMP wants them and reads a page past a record that is broken', async () => {
    server.on('/na/orders', page([order, { id: '6', type: 'sales' }]));
    const { records, total } = await client().orders.page({
      customerId: '1',
      creationTimeFrom: '2026-07-27T00:00:00.123Z',
      limit: 1000,
    });
    expect(server.calls('/na/orders')[0]!.url).toBe(
      '/na/orders?customerId=1&creationTimeFrom=2026-07-27T00%3A00%3A00Z&limit=500',
    );
    expect(records).toMatchObject([
      { ok: true, id: '5' },
      { ok: false, id: '6', field: 'customerId' },
    ]);
    expect(total).toBe(2);
  });

  it.each([
    [{ data: {} }, 'data is not a list'],
    [{ data: [], pagination: {} }, 'pagination.total is not a number'],
    [null, 'data is not a list'],
  ])('calls a list of the shape %j a broken contract', async (body, reason) => {
    server.on('/na/products', { body: JSON.stringify(body) });
    await expect(client().products.page()).rejects.toMatchObject({ code: 'cmp.contract-broken', reason });
  });

  it('reads a listing through the client', async () => {
    server.on('/na/customers', page([row, { ...row, id: '2' }]));
    const listing = readListing((offset, limit) => client().customers.page({ offset, limit }));
    const first = await listing.next();
    expect(first.value).toMatchObject({ records: [{ id: '1' }, { id: '2' }], done: true });
    await expect(listing.next()).resolves.toMatchObject({ done: true, value: { complete: true, rows: 2 } });
  });

  it('downloads a report without showing its storage any of our headers', async () => {
    server.on('/blob', { body: 'a,b\n1,2\n' });
    const body = await client().reports.download({ id: 'r', downloadUrl: `${server.url}/blob?sig=abc` });
    await expect(text(body)).resolves.toBe('a,b\n1,2\n');
    expect(server.seen).toHaveLength(1);
    expect(Object.keys(server.seen[0]!.headers).sort()).toEqual(['connection', 'host']);
  });

  it('lets a caller give up on a read with its own reason', async () => {
    server.on('/na/customers/1', () => undefined);
    const abort = new AbortController();
    const reading = client().customers.get('1', { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('run cancelled')), 50);
    await expect(reading).rejects.toThrow('run cancelled');
  });

  it('shows no secret in a dump of the client, of a call or of an error', async () => {
    server.on('/na/customers/1', {
      status: 400,
      body: { status: 400, message: 'key 5f1e0c7a9b3d42e68a10c4d7e2f9b6a1, token-1' },
    });
    const one = client();
    const error: unknown = await one.customers.get('1').catch((failure: unknown) => failure);
    const dump = [one, one.inLane('order'), error, calls]
      .map((it) => inspect(it, { depth: 20, showHidden: true }))
      .join();
    for (const secret of [
      'pass-word-1',
      '5f1e0c7a9b3d42e68a10c4d7e2f9b6a1',
      Buffer.from('some.api:pass-word-1').toString('base64'),
      'Bearer',
    ]) {
      expect(dump).not.toContain(secret);
    }
    expect(JSON.stringify([one, error])).not.toContain('pass-word-1');
  });
});
