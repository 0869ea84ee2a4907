import { randomUUID } from 'node:crypto';
import { MikroORM } from '@mikro-orm/postgresql';
import { eventually } from '@isthmus/testing';
import type { Json } from '../../../test/lifecycle.fixture.ts';
import { runQuoting } from '../../../test/neighbours.fixture.ts';
import { OrderCalls, pruneOrderCalls } from './order-calls.store.ts';

let lifecycle: Awaited<ReturnType<typeof runQuoting>>;
beforeAll(async () => {
  lifecycle = await runQuoting({ ORDER_WORKERS: '2', ORDER_POLL_MS: '50' });
});
afterAll(() => lifecycle.stop());

const get = (id: string, query = '', as = {}) =>
  lifecycle.call('GET', `/v1/orders/${id}/calls${query}`, undefined, {}, as);
const sent = async (id: string) =>
  ((await get(id)).body.data as Json[]).find(({ operation }) => operation === 'orders.place');

describe('the calls of an order to CMP', () => {
  let id: string;
  beforeAll(async () => {
    await lifecycle.simulator.control.fault({
      ...{ kind: 'html-504', match: { method: 'POST', path: '^/token$' }, times: 1 },
    } as never);
    id = (await lifecycle.place(lifecycle.purchase(3))).body.id;
    await eventually(async () => (await sent(id)) !== undefined);
  });

  it('are stored in their order, each with its result, its times and what may be kept of the response', async () => {
    const { body } = await get(id);
    const operations = body.data.map(({ operation }: Json) => operation);
    expect(operations.indexOf('parameters.validate')).toBeGreaterThanOrEqual(0);
    expect(operations.indexOf('orders.place')).toBeGreaterThan(operations.indexOf('parameters.validate'));
    // Stored a moment after the call.
    const cmpOrderNumber = await eventually(
      async () => (await lifecycle.call('GET', `/v1/orders/${id}`)).body.cmpOrderNumber ?? undefined,
    );
    expect(await sent(id)).toEqual({
      at: expect.stringMatching(/^2\d{3}-.*Z$/),
      ...{ operation: 'orders.place', method: 'POST', path: '/orders', attempt: 1, lane: 'order' },
      ...{ httpStatus: 200, result: 'ok', tookMs: expect.any(Number), waitedMs: expect.any(Number) },
      cmpCorrelationId: expect.stringMatching(/.{8}/),
      response: expect.objectContaining({ orderNumber: cmpOrderNumber, type: 'sales' }),
    });
  });

  it('contain neither the domain of the customer nor a credential', async () => {
    const { rows } = await lifecycle.pool.query(
      'select string_agg(c::text, chr(10)) as text from order_calls c',
    );
    expect(rows[0].text).toContain('orders.place');
    for (const secret of ['onmicrosoft', 'Sim-us-password-1', '5f1e0c7a9b3d42e68a10c4d7e2f9b6a1', 'Bearer'])
      expect([secret, rows[0].text.includes(secret)]).toEqual([secret, false]);
  });

  it('are paged, and only those of an order of the tenant', async () => {
    const all = (await get(id)).body.data;
    const first = (await get(id, '?limit=1')).body;
    expect(first.data).toEqual(all.slice(0, 1));
    expect((await get(id, `?limit=1&cursor=${first.nextCursor}`)).body.data).toEqual(all.slice(1, 2));
    expect((await get(id, '', { tenant: randomUUID() })).status).toBe(404);
    expect((await get(randomUUID())).status).toBe(404);
    expect((await get(id, '?cursor=x')).status).toBe(400);
  });

  it('include those that failed, with the status that CMP returned, and their repetition', async () => {
    const { body } = await get(id);
    const tokens = body.data.filter(({ operation }: Json) => operation === 'token');
    expect(tokens).toMatchObject([
      { attempt: 1, httpStatus: 504, result: 'cmp.unavailable', response: null },
      { attempt: 2, httpStatus: 200, result: 'ok', response: null },
    ]);
  });

  it('are deleted when they are older than they are kept', async () => {
    const { em } = lifecycle.service.get(MikroORM);
    expect(await pruneOrderCalls(em.fork() as never, 90)).toBe(0);
    await lifecycle.pool.query(`update order_calls set at = now() - interval '91 days' where order_id = $1`, [
      id,
    ]);
    expect(await pruneOrderCalls(em.fork() as never, 92)).toBe(0);
    expect(await pruneOrderCalls(em.fork() as never, 90)).toBeGreaterThan(1);
    expect((await get(id)).body.data).toEqual([]);
  });
});

it('do not keep an order waiting that cannot be recorded', async () => {
  const calls = lifecycle.service.get(OrderCalls);
  const nowhere = { tenantId: lifecycle.tenantId, order: { id: randomUUID() } } as never;
  // There is no such order, so that its calls cannot be stored.
  const done = await calls.recording(nowhere, async () => {
    await lifecycle.cmp.signIn();
    return 'done';
  });
  expect(done).toBe('done');
});
