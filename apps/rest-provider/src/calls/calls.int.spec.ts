import { randomUUID } from 'node:crypto';
import { eventually } from '@isthmus/testing';
import {
  type Json,
  type RunningProvider,
  runRestProvider,
  type Work365,
} from '../../test/rest-provider.fixture.ts';
import { CallStore } from './calls.store.ts';

let provider: RunningProvider;
beforeAll(async () => {
  provider = await runRestProvider({ WORK365_ENDPOINT_URL: 'https://work-365.example/rest' });
});
afterAll(() => provider?.stop());

const list = async ({ tenantId: tenant }: { tenantId: string }, query = '', roles = ['viewer']) =>
  provider.read(`/v1/work365/calls${query}`, { tenant, roles });

/** The calls of a client once there are so many. */
const calls = async (client: Work365, count: number): Promise<Json[]> => {
  let found: Json[] = [];
  await eventually(async () => {
    found = (await list(client)).body.data;
    return found.length >= count;
  });
  return found;
};

describe('the calls of Work 365', () => {
  it('are listed newest first, with route, status, time, key and correlation id, whatever came of them', async () => {
    const client = provider.client({ label: 'Contoso Work 365' });
    const { body } = await client.call('GET', '/customers');
    expect(body).toEqual([]);
    const nobody = randomUUID();
    const missing = await client.call('GET', `/customers/${nobody}/subscriptions`);
    const refused = await client.call('POST', '/subscriptions', '{"customer":');
    expect([missing.status, refused.status]).toEqual([404, 400]);

    const found = await calls(client, 3);
    const { connectorId, apiKeyId } = client;
    const by = { connectorId, apiKeyId, apiKeyLabel: 'Contoso Work 365' };
    expect(found).toEqual(
      [
        { ...by, method: 'POST', route: '/subscriptions', status: 400 },
        { ...by, method: 'GET', route: '/customers/{id}/subscriptions', status: 404 },
        { ...by, method: 'GET', route: '/customers', status: 200 },
      ].map((call) => ({
        ...call,
        id: expect.stringMatching(/^\d+$/),
        at: expect.stringMatching(/^2\d{3}-.*Z$/),
        tookMs: expect.any(Number),
        correlationId: expect.stringMatching(/^.{8,}/),
      })),
    );
    expect(found[0].correlationId).toBe(refused.headers.get('x-correlation-id'));
    expect(Math.abs(Date.parse(found[0].at) - Date.now())).toBeLessThan(60_000);
    expect(JSON.stringify(found)).not.toContain(nobody);
  });

  it('are found by connector, key, correlation id, result and time, page by page', async () => {
    const client = provider.client();
    for (const path of ['/customers', `/customers/${randomUUID()}`, '/invoices'])
      await client.call('GET', path);
    const all = await calls(client, 3);
    const idsOf = async (query: string) => (await list(client, query)).body.data.map(({ id }: Json) => id);
    const [newest, failed, oldest] = all.map(({ id }) => id);
    expect(await idsOf('?failed=true')).toEqual([failed]);
    expect(await idsOf('?failed=false')).toEqual([newest, oldest]);
    expect(await idsOf(`?connectorId=${client.connectorId}`)).toHaveLength(3);
    expect(await idsOf(`?apiKeyId=${client.apiKeyId}`)).toHaveLength(3);
    expect(await idsOf(`?connectorId=${randomUUID()}`)).toEqual([]);
    expect(await idsOf(`?apiKeyId=${randomUUID()}`)).toEqual([]);
    expect(await idsOf(`?correlationId=${all[1].correlationId}`)).toEqual([failed]);
    expect(await idsOf(`?from=${all[0].at}`)).toContain(newest);
    expect(await idsOf(`?to=${all[2].at}`)).toEqual([]);
    const first = (await list(client, '?limit=2')).body;
    expect(first.data.map(({ id }: Json) => id)).toEqual([newest, failed]);
    expect(await idsOf(`?limit=2&cursor=${first.nextCursor}`)).toEqual([oldest]);
    for (const wrong of ['?cursor=x', '?failed=perhaps', '?from=yesterday', '?apiKeyId=1'])
      expect([wrong, (await list(client, wrong)).status]).toEqual([wrong, 400]);
  });

  it('are those of the own tenant, and need a token', async () => {
    const [client, other] = [provider.client(), provider.client()];
    await client.call('GET', '/customers');
    await other.call('GET', '/invoices');
    expect(await calls(client, 1)).toMatchObject([{ route: '/customers', connectorId: client.connectorId }]);
    expect(await calls(other, 1)).toMatchObject([{ route: '/invoices', connectorId: other.connectorId }]);
    expect((await list({ tenantId: randomUUID() })).body.data).toEqual([]);
    expect((await list(client, '', [])).status).toBe(403);
    for (const path of ['/v1/work365/calls', '/v1/work365/setup', '/v1/work365/writes'])
      expect([path, (await client.call('GET', path)).status]).toEqual([path, 401]);
  });

  it('without a valid key are nobody’s, and those of people are not among them', async () => {
    const client = provider.client();
    const before = Number((await provider.pool.query('select count(*) from work365_calls')).rows[0].count);
    await provider.send('GET', '/customers', { 'work-365-rest-provider-api-key': 'no' });
    await list(client);
    await provider.send('GET', '/healthz/live', {});
    await client.call('GET', '/customers');
    await calls(client, 1);
    const { rows } = await provider.pool.query('select count(*) from work365_calls');
    expect(Number(rows[0].count)).toBe(before + 1);
  });

  it('are deleted when they are older than they are kept', async () => {
    const client = provider.client();
    await client.call('GET', '/customers');
    await client.call('GET', '/invoices');
    const [, old] = await calls(client, 2);
    const store = provider.service.get(CallStore);
    await provider.pool.query(`update work365_calls set at = now() - interval '31 days' where id = $1`, [
      old.id,
    ]);
    expect(await store.prune(32)).toBe(0);
    expect(await store.prune(30)).toBe(1);
    expect(await calls(client, 1)).toMatchObject([{ route: '/invoices' }]);
  });
});

it('calls are answered while the database does not take them, and are stored when it does again', async () => {
  const client = provider.client();
  await provider.pool.query('alter table work365_calls rename to work365_calls_away');
  try {
    for (let count = 0; count < 3; count += 1)
      expect((await client.call('GET', '/customers')).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await client.call('GET', '/customers')).status).toBe(200);
  } finally {
    await provider.pool.query('alter table work365_calls_away rename to work365_calls');
  }
  expect(await calls(client, 4)).toHaveLength(4);
});

it('what has not been stored yet is stored when the process ends', async () => {
  const ending = await runRestProvider();
  try {
    const client = ending.client();
    await client.call('GET', '/customers');
    await ending.service.close();
    const { rows } = await ending.pool.query('select route from work365_calls where tenant_id = $1', [
      client.tenantId,
    ]);
    expect(rows).toEqual([{ route: '/customers' }]);
  } finally {
    await ending.stop();
  }
});

it('says what is entered in Work 365, or that nobody has said it', async () => {
  const roles = ['viewer'];
  const { body } = await provider.read('/v1/work365/setup', { roles });
  expect(body).toEqual({ endpointUrl: 'https://work-365.example/rest', callsKeptDays: 30 });
  const unset = await runRestProvider({ WORK365_CALL_KEEP_DAYS: '7' });
  try {
    expect((await unset.read('/v1/work365/setup', { roles })).body).toEqual({
      endpointUrl: null,
      callsKeptDays: 7,
    });
  } finally {
    await unset.stop();
  }
});
