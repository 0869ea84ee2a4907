import { Agent } from 'undici';
import { CallBudget } from '../budget/call-budget.ts';
import type { CmpConnection } from '../call/exchange.ts';
import { ScriptedServer } from '../testbed/scripted-cmp.ts';
import { probeConnection, type ProbeOptions } from './probe-connection.ts';

const token = { body: { token: 't', expiresInSeconds: 1500 } };
const customers = (resellerId?: string) => ({
  body: { data: [{ id: '1', name: 'x', resellerId }], pagination: { offset: 0, limit: 1, total: 120 } },
});
const products = { body: { data: [], pagination: { offset: 0, limit: 10, total: 0 } } };
const priced = (...currencies: string[]) => ({
  body: {
    data: currencies.map((currency, index) => ({
      id: `PRD${index}`,
      mpn: `m${index}`,
      vendor: 'v',
      prices: [{ currency, amount: '5', type: 'recurring' }],
      costs: index === 0 ? [{ currency, amount: '4', type: 'recurring' }] : [],
    })),
    pagination: { offset: 0, limit: 10, total: currencies.length },
  },
});
const error = (status: number, message: string) => ({
  status,
  body: { timeStamp: 'x', status, message, correlationId: 'a8n-9' },
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('probeConnection', () => {
  let server: ScriptedServer;
  let dispatcher: Agent;

  beforeEach(async () => {
    server = (await ScriptedServer.start())
      .on('/na/token', token)
      .on('/na/customers', customers('1000001'))
      .on('/na/products', products);
    dispatcher = new Agent();
  });

  afterEach(async () => {
    await dispatcher.destroy();
    await server.stop();
  });

  const probe = (change: Partial<CmpConnection> = {}, options: ProbeOptions = {}) =>
    all(
      probeConnection(
        {
          connectorId: 'c',
          apiUrl: `${server.url}/na`,
          username: 'some.api',
          password: 'pass-word',
          subscriptionKey: '5f1e0c7a9b3d42e6',
          marketplace: 'us',
          ...change,
        },
        { dispatcher, ...options },
      ),
    );

  it('goes through all steps of a sound connection with four calls', async () => {
    const steps = await probe({ accountId: '1000001' });
    expect(steps.map(({ step, ok }) => [step, ok])).toEqual([
      ['address', true],
      ['reach', true],
      ['subscription-key', true],
      ['credentials', true],
      ['marketplace', true],
      ['account-id', true],
      ['customers', true],
      ['products', true],
      ['currency', true],
    ]);
    expect(server.seen.length).toBeLessThanOrEqual(4);
  });

  const html = {
    status: 200,
    body: '<html><title>Sign in</title></html>',
    headers: { 'content-type': 'text/html' },
  };

  it.each([
    ['a wrong password', '/na/token', error(401, 'Bad credentials'), 'credentials', 'password', 'password'],
    [
      'a wrong key',
      '/na/token',
      { status: 401, body: { statusCode: 401, message: 'Access denied due to invalid subscription key.' } },
      'subscription-key',
      'subscription-key',
      'subscriptionKey',
    ],
    [
      'a wrong marketplace',
      '/na/token',
      error(401, 'unknown marketplace "us"'),
      'marketplace',
      'marketplace',
      'marketplace',
    ],
    ['a web page', '/na/token', html, 'reach', 'wrong-url', 'apiUrl'],
    [
      'a page that is not there',
      '/na/token',
      { status: 404, body: '<html></html>' },
      'reach',
      'wrong-url',
      'apiUrl',
    ],
    [
      'a redirect',
      '/na/token',
      { status: 301, headers: { location: 'https://elsewhere.example/' } },
      'reach',
      'wrong-url',
      'apiUrl',
    ],
    ['an API that is not CMP', '/na/token', { body: { hello: 'world' } }, 'reach', 'wrong-url', 'apiUrl'],
    ['CMP being down', '/na/token', error(500, 'Internal Server Error'), 'reach', 'cmp-down', undefined],
    [
      'CMP being down for longer than the probe may take',
      '/na/customers',
      error(503, 'Service Unavailable'),
      'customers',
      'cmp-down',
      undefined,
    ],
    ['a missing right', '/na/customers', error(403, 'Forbidden'), 'customers', 'no-permission', undefined],
    [
      'a missing right to products',
      '/na/products',
      error(403, 'Forbidden'),
      'products',
      'no-permission',
      undefined,
    ],
    [
      'a throttle',
      '/na/products',
      { status: 429, headers: { 'retry-after': '60' } },
      'products',
      'throttled',
      undefined,
    ],
    ['silence', '/na/customers', () => undefined, 'customers', 'timeout', undefined],
  ])('recognises %s', async (_, path, answer, step, cause, field) => {
    server.on(path, answer as never);
    const steps = await probe({}, { deadlineMs: 400 });
    const failure = steps.at(-1)!;
    expect(failure).toMatchObject({
      step,
      ok: false,
      cause,
      detail: expect.any(String),
      mend: expect.stringMatching(/\.$/),
    });
    expect(failure.field).toBe(field);
    expect(steps.slice(0, -1).every(({ ok }) => ok)).toBe(true);
  });

  it('keeps CMP’s words and its correlation id', async () => {
    server.on('/na/token', error(401, 'Bad credentials'));
    expect((await probe()).at(-1)).toMatchObject({
      correlationId: 'a8n-test',
      // What to do about it is said by `mend` alone, once.
      detail: expect.stringMatching(/Bad credentials"\. \(HTTP 401[^)]*\)$/),
    });
  });

  it('recognises credentials of another account', async () => {
    expect((await probe({ accountId: '42' })).at(-1)).toMatchObject({
      step: 'account-id',
      cause: 'account-id',
      field: 'accountId',
      detail: 'The credentials belong to account 1000001, not to 42.',
    });
  });

  it('recognises another currency than that of the prices', async () => {
    server.on('/na/products', priced('GBP', 'EUR'));
    expect((await probe({ currency: 'USD' })).at(-1)).toMatchObject({
      step: 'currency',
      ok: false,
      cause: 'currency',
      field: 'currency',
      detail: 'CMP shows prices in EUR, GBP, not in USD.',
      mend: expect.stringMatching(/currency/),
      correlationId: 'a8n-test',
    });
    for (const currency of ['EUR', 'GBP', undefined]) {
      expect((await probe({ currency })).every(({ ok }) => ok)).toBe(true);
    }
    // Nothing to compare with is no reason to refuse.
    server.on('/na/products', priced());
    expect((await probe({ currency: 'USD' })).at(-1)).toMatchObject({ step: 'currency', ok: true });
  });

  it('does not fail when CMP does not tell the account', async () => {
    server.on('/na/customers', customers());
    expect((await probe({ accountId: '42' })).every(({ ok }) => ok)).toBe(true);
  });

  it.each([
    ['a host that is not there', 'https://cmp.invalid/na', 'address', 'dns'],
    ['a text that is no address', 'cmp', 'address', 'wrong-url'],
    ['a scheme that is not the web’s', 'ftp://cmp.example', 'address', 'wrong-url'],
    ['a closed port', 'http://127.0.0.1:9/na', 'reach', 'cmp-down'],
  ])('recognises %s', async (_, apiUrl, step, cause) => {
    expect((await probe({ apiUrl })).at(-1)).toMatchObject({ step, ok: false, cause });
  });

  it('recognises a host that does not speak TLS', async () => {
    const apiUrl = `${server.url.replace('http:', 'https:')}/na`;
    expect((await probe({ apiUrl })).at(-1)).toMatchObject({ step: 'reach', cause: 'tls', field: 'apiUrl' });
  });

  it('recognises an address that our own rules block', async () => {
    const blocking = new Agent({
      connect: {
        lookup: (_host, _options, callback) =>
          callback(Object.assign(new Error('private address'), { code: 'ERR_BLOCKED_ADDRESS' }), []),
      },
    });
    const apiUrl = server.url.replace('127.0.0.1', 'localhost');
    expect((await probe({ apiUrl }, { dispatcher: blocking })).at(-1)).toMatchObject({
      step: 'address',
      cause: 'blocked-address',
    });
    await blocking.destroy();
  });

  it('says that the call limit is used up rather than wait for it', async () => {
    const budget = CallBudget.local({ assumptions: { callsPerMinute: 3 } });
    for (let i = 0; i < 3; i++) await budget.acquire('order');
    const startedAt = Date.now();
    expect((await probe({}, { budget, deadlineMs: 300 })).at(-1)).toMatchObject({ cause: 'throttled' });
    // The next call is free only after 20 s.
    expect(Date.now() - startedAt).toBeLessThan(15_000);
  });

  it('shows no secret', async () => {
    server.on('/na/token', error(400, 'user some.api, pass-word, 5f1e0c7a9b3d42e6'));
    expect(JSON.stringify(await probe())).not.toMatch(/pass-word|5f1e0c7a/);
  });
});
