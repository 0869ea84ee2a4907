import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { probeConnection } from './probe/probe-connection.ts';
import { row, ScriptedCmp, page } from './testbed/scripted-cmp.ts';

let cmp: ScriptedCmp;
/** What the server could get rid of. */
let served: number;
/** When its client has closed the connection. */
let closed: Promise<void>;

beforeEach(async () => {
  cmp = await ScriptedCmp.start();
  served = 0;
});
afterEach(() => cmp.stop());

const chunk = Buffer.alloc(65_536, ' ');

/** Responds with a status and a body without an end, as fast as it is taken. */
const endless =
  (status = 200, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-correlation-id': 'a8n-1',
      ...headers,
    });
    response.on('error', () => undefined);
    closed = new Promise((resolve) => response.on('close', () => resolve()));
    const more = () => {
      for (let taken = true; taken && !response.destroyed; served += chunk.length)
        taken = response.write(chunk);
    };
    response.on('drain', more);
    more();
  };

/** A byte now and then: never too large, and never at its end. */
const dripping = (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const drip = setInterval(() => response.write(' '), 10);
  closed = new Promise((resolve) =>
    response.on('close', () => {
      clearInterval(drip);
      resolve();
    }),
  );
};

const megabyte = 1_000_000;
/** Sockets hold some megabytes that nobody has read. */
const inSockets = 8 * megabyte;
const tooLarge = { code: 'cmp.contract-broken', httpStatus: 200, correlationId: 'a8n-1' };

describe('a response without an end is refused as a breach of the contract, and no more than allowed is read of it', () => {
  it.each<[string, string, number, string, (one: ReturnType<ScriptedCmp['client']>) => Promise<unknown>]>([
    ['a token', '/na/token', 2, 'not-sent', (one) => one.signIn()],
    ['a page of a list', '/na/customers', 16, 'unknown', (one) => one.customers.page()],
    ['a list without pages', '/na/reports', 16, 'unknown', (one) => one.reports.list()],
    ['a record', '/na/customers/1', 2, 'unknown', (one) => one.customers.get('1')],
    ['an order', '/na/orders', 2, 'unknown', (one) => one.orders.place({ type: 'sales', customerId: '1' })],
  ])('%s', async (_, path, megabytes, outcome, call) => {
    cmp.server.on(path, endless());
    await expect(call(cmp.client())).rejects.toMatchObject({ ...tooLarge, outcome });
    await closed;
    expect(served).toBeLessThan(megabytes * megabyte + inSockets);
    // Refused for good, and not read a second time.
    expect(cmp.server.calls(path)).toHaveLength(1);
  });

  it.each([401, 404, 429, 500, 503])('of an error %d', async (status) => {
    cmp.server.on('/na/customers/1', endless(status));
    await expect(cmp.client().customers.get('1')).rejects.toMatchObject({ ...tooLarge, httpStatus: status });
    await closed;
    expect(served).toBeLessThan(2 * megabyte + inSockets);
  });

  it('of the connection that is being verified', async () => {
    cmp.server.on('/na/token', endless());
    const steps = [];
    for await (const step of probeConnection(cmp.connection, { dispatcher: cmp.dispatcher }))
      steps.push(step);
    expect(steps.at(-1)).toMatchObject({ ok: false, step: 'reach' });
    await closed;
    expect(served).toBeLessThan(2 * megabyte + inSockets);
  });

  it('at the limit that is set', async () => {
    cmp.server.on('/na/customers', endless());
    const strict = cmp.client({ assumptions: { maxResponseMegabytes: 0.1 } });
    await expect(strict.customers.page()).rejects.toMatchObject({
      ...tooLarge,
      reason: 'more than 0.1 MB',
    });
    cmp.server.on('/na/customers', page([row]));
    await expect(strict.customers.page()).resolves.toMatchObject({ total: 1 });
  });
});

describe('a response of very many small values is refused before it is parsed', () => {
  const many = (count: number, value: string) => `${`${value},`.repeat(count)}${value}`;
  const pageOf = (rows: string) => `{"data":[${rows}],"pagination":{"total":1}}`;
  const sends = (text: string) => (response: ServerResponse) => void response.end(text);

  it.each<[string, string]>([
    ['empty objects', pageOf(many(600_000, '{}'))],
    ['empty lists', pageOf(many(600_000, '[]'))],
    ['numbers', pageOf(many(600_000, '0'))],
    ['one row with many members', pageOf(`{${many(600_000, '"a":1')}}`)],
    ['lists within lists', pageOf('['.repeat(600_000) + ']'.repeat(600_000))],
    ['members of an error', `{"status":500,"message":"m","more":[${many(600_000, '1')}]}`],
  ])('%s', async (_, text) => {
    cmp.server.on('/na/customers', sends(text));
    const before = process.memoryUsage().heapUsed;
    const answer = cmp.client().customers.page();
    await expect(answer).rejects.toMatchObject({
      code: 'cmp.contract-broken',
      reason: 'more than 500000 values',
    });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(30 * megabyte);
  });

  it('and so is a page of more rows than anybody asked for', async () => {
    const strict = cmp.client({ assumptions: { maxPageRows: 3 } });
    cmp.server.on('/na/customers', page([row, row, row]));
    await expect(strict.customers.page()).resolves.toMatchObject({ total: expect.any(Number) });
    cmp.server.on('/na/customers', page([row, row, row, row]));
    await expect(strict.customers.page()).rejects.toMatchObject({ reason: 'more than 3 rows' });
  });

  it('but not one of as many as allowed, nor one whose long texts have many commas', async () => {
    const strict = cmp.client({ assumptions: { maxResponseValues: 100 } });
    const full = pageOf(many(96, '0'));
    cmp.server.on('/na/customers', sends(full));
    await expect(strict.customers.page()).resolves.toMatchObject({ total: 1 });
    cmp.server.on('/na/customers', sends(pageOf(many(97, '0'))));
    await expect(strict.customers.page()).rejects.toMatchObject({ reason: 'more than 100 values' });
    const wordy = { ...page([row]).body, filler: 'one, two, '.repeat(100_000) };
    cmp.server.on('/na/customers', { body: wordy });
    await expect(cmp.client().customers.page()).resolves.toMatchObject({ total: 1 });
  });
});

it('takes a response that is as large as allowed', async () => {
  const long = { ...page([row]).body, filler: '' };
  long.filler = 'x'.repeat(16 * megabyte - JSON.stringify(long).length);
  cmp.server.on('/na/customers', { body: long });
  await expect(cmp.client().customers.page()).resolves.toMatchObject({ total: 1 });
  cmp.server.on('/na/customers', { body: { ...long, filler: `${long.filler}x` } });
  await expect(cmp.client().customers.page()).rejects.toMatchObject({ code: 'cmp.contract-broken' });
});

it('gives a response up that never ends, however little of it comes', async () => {
  cmp.server.on('/na/customers/1', dripping);
  const hasty = cmp.client({ assumptions: { readTimeoutSeconds: 0.2 } });
  await expect(hasty.customers.get('1', { signal: AbortSignal.timeout(30_000) })).rejects.toMatchObject({
    code: 'cmp.unavailable',
    reason: 'timeout',
  });
  await closed;
});

describe('a report', () => {
  const link = () => ({ id: 'r', downloadUrl: `${cmp.server.url}/blob` });
  const read = async (body: AsyncIterable<Buffer>) => {
    let bytes = 0;
    for await (const part of body) bytes += part.length;
    return bytes;
  };

  it('without an end breaks off at the limit', async () => {
    cmp.server.on('/blob', endless());
    const one = cmp.client({ assumptions: { maxReportMegabytes: 3 } });
    await expect(read(await one.reports.download(link()))).rejects.toMatchObject({
      code: 'cmp.contract-broken',
      operation: 'reports.download',
    });
    await closed;
    expect(served).toBeLessThan(3 * megabyte + inSockets);
  });

  it('whose reader gives up is not downloaded further', async () => {
    cmp.server.on('/blob', endless());
    const body = await cmp.client().reports.download(link());
    await sleep(50);
    body.destroy();
    await closed;
    expect(served).toBeLessThan(inSockets);
  });

  it('that drips breaks off when its time is up', async () => {
    cmp.server.on('/blob', dripping);
    const one = cmp.client({ assumptions: { reportTimeoutSeconds: 0.2 } });
    await expect(read(await one.reports.download(link()))).rejects.toMatchObject({
      code: 'cmp.unavailable',
      reason: 'timeout',
    });
    await closed;
  });

  it.each([
    [403, { code: 'cmp.rejected', category: 'permission' }],
    [404, { code: 'cmp.rejected', category: 'not-found' }],
    [500, { code: 'cmp.unavailable', httpStatus: 500 }],
  ])('that is refused by %d is refused, whatever follows', async (status, error) => {
    cmp.server.on('/blob', endless(status));
    await expect(cmp.client().reports.download(link())).rejects.toMatchObject(error);
    await closed;
    expect(served).toBeLessThan(inSockets);
  });
});
