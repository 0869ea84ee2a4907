import { randomUUID } from 'node:crypto';
import { type Json, type Lifecycle, runLifecycle } from '../../test/lifecycle.fixture.ts';
import { mirrored } from '../../test/mirror.fixture.ts';

let lifecycle: Lifecycle;
let cmp: ReturnType<typeof mirrored>;
/** Of two customers; `sync` is the customer whose account CMP has not listed. */
const ids: Record<'first' | 'second' | 'other' | 'work365', string> = {} as never;
let fabrikam: string;
beforeAll(async () => {
  lifecycle = await runLifecycle({ PROGRESS_POLL_MS: '50' });
  cmp = mirrored(lifecycle);
  fabrikam = await cmp.accountAppears('1', { name: 'Fabrikam' });
  await cmp.accountAppears('2', { name: 'Northwind' });
  const [mine, theirs] = [await cmp.subscription(), await cmp.subscription({ cmpAccountId: '2' })];
  ids.first = await placed({ kind: 'change-quantity', subscriptionId: mine, seats: 12 });
  ids.second = await placed({ kind: 'renewal-setting', subscriptionId: mine, autoRenew: false });
  ids.other = await placed({ kind: 'change-quantity', subscriptionId: theirs, seats: 11 });
  ids.work365 = await placed({ kind: 'change-quantity', subscriptionId: theirs, seats: 14 });
  await lifecycle.pool.query(
    `update orders set requested_by = 'work365 billing', created_at = '2026-01-05T10:00:00Z' where id = $1`,
    [ids.work365],
  );
  await withdrawn(ids.second);
});
afterAll(() => lifecycle.stop());

async function placed(body: object): Promise<string> {
  const answer = await lifecycle.call('POST', '/v1/orders', body, { 'idempotency-key': randomUUID() });
  expect(answer.status).toBe(202);
  return answer.body.id;
}
/** No worker runs in these tests: the order is still planned, so the request is not waited for. */
const withdrawn = (id: string) => lifecycle.call('POST', `/v1/orders/${id}/withdraw`);
const list = async (query: string): Promise<string[]> => {
  const { status, body } = await lifecycle.call('GET', `/v1/orders?${query}`);
  return status === 200 ? body.data.map(({ id }: Json) => id) : [`${status}`];
};

it('shows for whom an order is, who asked for it, where from, and what its trace is', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const headers = { 'idempotency-key': randomUUID(), traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  const subscriptionId = await cmp.subscription();
  const body = { kind: 'change-quantity', subscriptionId, seats: 20 };
  const accepted = await lifecycle.call('POST', '/v1/orders', body, headers, { sub: 'ann' });
  const expected = {
    connectorId: lifecycle.connectorId,
    providerAccountId: fabrikam,
    accountName: 'Fabrikam',
    requestedBy: 'ann',
    source: 'api',
    traceId,
    quoteId: null,
    scheduledChangeId: null,
    seatsBefore: null,
    version: 1,
    correlationId: accepted.headers.get('x-correlation-id'),
  };
  expect(accepted.body).toMatchObject(expected);
  const read = await lifecycle.call('GET', `/v1/orders/${accepted.body.id}`);
  expect(read.body).toMatchObject(expected);
  const unknown = await cmp.subscription({ cmpAccountId: 'not-listed' });
  const stranger = await placed({ ...body, subscriptionId: unknown });
  const { body: shown } = await lifecycle.call('GET', `/v1/orders/${stranger}`);
  expect(shown).toMatchObject({ providerAccountId: null, accountName: null });
  await lifecycle.pool.query('delete from orders where id = any($1)', [[accepted.body.id, stranger]]);
});

it.each<[string, () => string, (keyof typeof ids)[]]>([
  ['by one status', () => 'status=withdrawn', ['second']],
  ['by any of several', () => 'status=withdrawn&status=planned', ['work365', 'other', 'second', 'first']],
  ['by kind', () => 'kind=renewal-setting', ['second']],
  ['by connector', () => `connectorId=${randomUUID()}`, []],
  ['by customer', () => `providerAccountId=${fabrikam}`, ['second', 'first']],
  ['by where it came from', () => 'source=work365', ['work365']],
  ['by that of people', () => 'source=api&kind=change-quantity', ['other', 'first']],
  ['by time', () => 'requestedFrom=2026-01-05T10:00:00Z&requestedTo=2026-01-05T10:00:01Z', ['work365']],
  ['until before a time', () => 'requestedTo=2026-01-05T10:00:00Z', []],
  ["by the customer's name", () => 'q=norTHw', ['work365', 'other']],
  ['by nothing that a pattern would find', () => 'q=%25', []],
])('finds orders %s', async (_, query, expected) => {
  expect(await list(query())).toEqual(expected.map((name) => ids[name]));
});

it('finds with a subscription the purchase that made it, once that is settled, and says which one it made', async () => {
  const subscriptionId = await cmp.subscription();
  const change = await placed({ kind: 'change-quantity', subscriptionId, seats: 21 });
  // A purchase at rest, as it is once CMP has named the subscription that it made; its own course has tests elsewhere.
  const purchase = randomUUID();
  const store = (status: string) =>
    lifecycle.pool.query(
      `insert into orders (id, tenant_id, connector_id, queue, kind, status, record, requested_by, correlation_id)
        select $1::uuid, tenant_id, connector_id, 'account 1', 'create', $3::text,
          (record::jsonb || jsonb_build_object('id', $1::uuid::text, 'status', $3::text, 'cmpSubscriptionId', $4::text, 'spec',
            (record::jsonb -> 'spec') || '{"kind": "create", "parameters": []}'))::json, 'ann', 'c'
        from orders where id = $2::uuid
        on conflict (id) do update set status = excluded.status, record = excluded.record`,
      [purchase, change, status, `s${subscriptionId}`],
    );
  await store('proving');
  expect(await list(`subscriptionId=${subscriptionId}`)).toEqual([change]);
  await store('settled');
  expect(await list(`subscriptionId=${subscriptionId}`)).toEqual([purchase, change]);
  expect((await lifecycle.call('GET', `/v1/orders/${purchase}`)).body).toMatchObject({ subscriptionId });
  expect(await list(`subscriptionId=${await cmp.subscription()}`)).toEqual([]);
  await lifecycle.pool.query('delete from orders where id = any($1)', [[purchase, change]]);
});

it('names an order without a product by its subscription, also when it is searched for', async () => {
  const subscriptionId = await cmp.subscription({ name: 'Visio Plan 2' });
  const id = await placed({ kind: 'renewal-setting', subscriptionId, autoRenew: false });
  expect((await lifecycle.call('GET', `/v1/orders/${id}`)).body.productName).toBe('Visio Plan 2');
  expect(await list('q=visio')).toEqual([id]);
  await lifecycle.pool.query('delete from orders where id = $1', [id]);
});

it('finds an order by its marker', async () => {
  const { marker } = (await lifecycle.call('GET', `/v1/orders/${ids.other}`)).body;
  expect(await list(`q=${marker.toLowerCase()}`)).toEqual([ids.other]);
});

it.each([
  'status=lost',
  'kind=x',
  'requestedFrom=yesterday',
  'requestedTo=2026-W05-1',
  'q=',
  'source=me',
  'providerAccountId=x',
])('refuses the filter %s', async (query) => {
  expect(await list(query)).toEqual(['400']);
});

it('counts the orders of each status that the filters find, with the oldest', async () => {
  const counts = async (query = '') => {
    const { body } = await lifecycle.call('GET', `/v1/orders/counts?${query}`);
    return Object.fromEntries(body.data.map(({ status, orders }: Json) => [status, orders]));
  };
  expect(await counts()).toMatchObject({ planned: 3, withdrawn: 1, settled: 0, 'needs-attention': 0 });
  expect(await counts(`providerAccountId=${fabrikam}`)).toMatchObject({ planned: 1, withdrawn: 1 });
  const { body } = await lifecycle.call('GET', '/v1/orders/counts?status=planned');
  const planned = body.data.find(({ status }: Json) => status === 'planned');
  expect(planned).toEqual({ status: 'planned', orders: 3, oldestAt: '2026-01-05T10:00:00.000Z' });
  const others = await lifecycle.call('GET', '/v1/orders/counts', undefined, {}, { tenant: randomUUID() });
  expect(others.body.data.every(({ orders }: Json) => orders === 0)).toBe(true);
});

describe('the progress of an order', () => {
  const framesOf = (text: string) =>
    [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].map(([, event, data]) => [
      event,
      JSON.parse(data!).status,
    ]);

  it('is told at each change, and ends with the order', async () => {
    const id = await placed({
      kind: 'renewal-setting',
      subscriptionId: await cmp.subscription(),
      autoRenew: false,
    });
    const following = lifecycle.stream(`/v1/orders/${id}/progress`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await withdrawn(id);
    const { type, text } = await following;
    expect(type).toContain('text/event-stream');
    expect(framesOf(text)).toEqual([
      ['progress', 'planned'],
      ['finished', 'withdrawn'],
    ]);
  });

  it('of one that has ended is that it has', async () => {
    const { text } = await lifecycle.stream(`/v1/orders/${ids.second}/progress`);
    expect(framesOf(text)).toEqual([['finished', 'withdrawn']]);
  });

  it('is a 404 for an order that does not exist, also where it is another tenant’s', async () => {
    for (const as of [{}, { tenant: randomUUID() }]) {
      const id = 'tenant' in as ? ids.first : randomUUID();
      expect((await lifecycle.call('GET', `/v1/orders/${id}/progress`, undefined, {}, as)).status).toBe(404);
    }
  });
});
