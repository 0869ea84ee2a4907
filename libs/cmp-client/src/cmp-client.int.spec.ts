import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { CallBudget } from './budget/call-budget.ts';
import { CmpClient } from './cmp-client.ts';
import { readListing } from './listing.ts';
import { order, page, row, ScriptedCmp, tokenBody, unauthorized } from './testbed/scripted-cmp.ts';

describe('CmpClient', () => {
  let cmp: ScriptedCmp;

  beforeEach(async () => {
    cmp = await ScriptedCmp.start();
  });
  afterEach(() => cmp.stop());

  it('asks for a token with Basic credentials and the key, and then sends it with the key', async () => {
    cmp.server.on('/na/customers/1', { body: row });
    await expect(cmp.client().customers.get('1')).resolves.toMatchObject(row);

    const [token, call] = cmp.server.seen;
    expect(token).toMatchObject({ method: 'POST', body: '{"marketplace":"us"}' });
    expect(token!.headers.authorization).toBe(
      `Basic ${Buffer.from('some.api:pass-word-1').toString('base64')}`,
    );
    expect(call!.headers.authorization).toBe('Bearer token-1');
    for (const { headers } of cmp.server.seen)
      expect(headers['x-subscription-key']).toBe(cmp.connection.subscriptionKey);
  });

  it('fetches one token for many calls at once, in every lane', async () => {
    cmp.server.on('/na/customers/1', { body: row });
    const one = cmp.client();
    const other = one.inLane('sync');
    await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? one : other).customers.get('1')));
    expect(cmp.server.calls('/na/token')).toHaveLength(1);
    expect(
      new Set(cmp.calls.filter(({ operation }) => operation !== 'token').map(({ lane }) => lane)),
    ).toEqual(new Set(['interactive', 'sync']));
  });

  it('fetches a new token before the old one ends', async () => {
    cmp.server
      .on('/na/token', tokenBody('short', 0.1), tokenBody('token-2'))
      .on('/na/customers/1', { body: row });
    const one = cmp.client();
    await one.customers.get('1');
    await new Promise((resolve) => setTimeout(resolve, 60));
    await one.customers.get('1');
    expect(cmp.server.calls('/na/customers/1').map(({ headers }) => headers.authorization)).toEqual([
      'Bearer short',
      'Bearer token-2',
    ]);
  });

  it('renews the session once when CMP ends it early, and gives up when that does not help', async () => {
    cmp.server
      .on('/na/token', tokenBody('dead'), tokenBody('alive'))
      .on('/na/customers/1', unauthorized, { body: row });
    await expect(cmp.client().customers.get('1')).resolves.toMatchObject(row);
    expect(cmp.server.calls('/na/token')).toHaveLength(2);

    cmp.server.on('/na/customers/1', unauthorized);
    await expect(cmp.client().customers.get('1')).rejects.toMatchObject({
      code: 'cmp.rejected',
      category: 'credentials',
    });
    expect(cmp.server.calls('/na/customers/1')).toHaveLength(4);
  });

  it('sends filters as CMP wants them and reads a page past a record that is broken', async () => {
    cmp.server.on('/na/orders', page([order, { id: '6', type: 'sales' }]));
    const { records, total } = await cmp.client().orders.page({
      customerId: '1',
      creationTimeFrom: '2026-07-27T00:00:00.123Z',
      limit: 1000,
    });
    expect(cmp.server.calls('/na/orders')[0]!.url).toBe(
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
    cmp.server.on('/na/products', { body: JSON.stringify(body) });
    await expect(cmp.client().products.page()).rejects.toMatchObject({ code: 'cmp.contract-broken', reason });
  });

  it('reads a listing through the client', async () => {
    cmp.server.on('/na/customers', page([row, { ...row, id: '2' }]));
    const listing = readListing((offset, limit) => cmp.client().customers.page({ offset, limit }));
    const first = await listing.next();
    expect(first.value).toMatchObject({ records: [{ id: '1' }, { id: '2' }], done: true });
    await expect(listing.next()).resolves.toMatchObject({ done: true, value: { complete: true, rows: 2 } });
  });

  it('downloads a report without showing its storage any of our headers', async () => {
    cmp.server.on('/blob', { body: 'a,b\n1,2\n' });
    const body = await cmp
      .client()
      .reports.download({ id: 'r', downloadUrl: `${cmp.server.url}/blob?sig=abc` });
    await expect(text(body)).resolves.toBe('a,b\n1,2\n');
    expect(cmp.server.seen).toHaveLength(1);
    expect(Object.keys(cmp.server.seen[0]!.headers).sort()).toEqual(['connection', 'host']);
  });

  it.each([
    'http://storage.example/blob?sig=abc',
    'https://user:word@storage.example/blob',
    'file:///etc/passwd',
    'not a link',
  ])('follows no link as unsafe as %s when the API itself is spoken to over HTTPS', async (downloadUrl) => {
    const overHttps = new CmpClient(
      { ...cmp.connection, apiUrl: 'https://api.example/marketplace/na' },
      { budget: CallBudget.unlimited(), dispatcher: cmp.dispatcher },
    );
    await expect(overHttps.reports.download({ id: 'r', downloadUrl })).rejects.toMatchObject({
      code: 'cmp.unavailable',
      reason: 'blocked-address',
      outcome: 'not-sent',
    });
  });

  it('shows no secret in a dump of the client, of a call or of an error', async () => {
    cmp.server.on('/na/customers/1', {
      status: 400,
      body: { status: 400, message: 'key 5f1e0c7a9b3d42e68a10c4d7e2f9b6a1, token-1' },
    });
    const one = cmp.client();
    const error: unknown = await one.customers.get('1').catch((failure: unknown) => failure);
    const dump = [one, one.inLane('order'), error, cmp.calls]
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
