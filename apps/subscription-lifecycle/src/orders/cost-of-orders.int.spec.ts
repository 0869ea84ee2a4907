import { randomUUID } from 'node:crypto';
import { ListSubscriptions, PlaceOrders, ReadSubscription, type RequestedOrderV1 } from '@isthmus/contracts';
import { requestsTo, statementsFor } from '@isthmus/testing';
import { runQuoting } from '../../test/neighbours.fixture.ts';

let quoting: Awaited<ReturnType<typeof runQuoting>>;
beforeAll(async () => {
  quoting = await runQuoting({ ORDER_WORKERS: '0' });
});
afterAll(() => quoting?.stop());

const placed = (body: object) =>
  statementsFor(quoting.tenantId, async () => {
    expect(await quoting.place(body)).toMatchObject({ status: 202 });
  });
const placedFor = (...wanted: RequestedOrderV1[]) =>
  statementsFor(quoting.tenantId, async () => {
    const { tenantId, connectorId } = quoting;
    const request = { tenantId, connectorId, key: randomUUID(), requestedBy: 'work365', orders: wanted };
    const { orders } = await requestsTo(quoting.service).request(PlaceOrders, request);
    expect(orders).toHaveLength(wanted.length);
  });

describe('what an order costs in statements, each of which is one round trip', () => {
  it('a change of seats: one that reads, and one that writes key, response, order, history and audit entry', async () => {
    const subscriptionId = await quoting.bought(10);
    const change = (seats: number) => ({ kind: 'change-quantity' as const, subscriptionId, seats });
    // The catalogue is asked for the limits of the product, which takes time: what may have changed meanwhile is read again.
    expect(await placed(change(11))).toHaveLength(3);
    const asked = quoting.known.resolutions;
    const statements = await placed(change(12));
    expect(statements).toHaveLength(2);
    expect(statements[0]).toMatch(/^select /);
    expect(statements[1]).toMatch(/insert into idempotency_keys .*orders .*order_history .*audit_entries/);
    expect(quoting.known.resolutions).toBe(asked);
  });

  it('a change for another service: its earlier response before that, and the state of the order afterwards', async () => {
    const subscriptionId = await quoting.bought(10);
    await placed({ kind: 'change-quantity', subscriptionId, seats: 11 });
    expect(await placedFor({ kind: 'change-quantity', subscriptionId, seats: 12 })).toHaveLength(4);
  });

  it('two in one request: the situation of each is read when the one before it has been placed', async () => {
    const subscriptionId = await quoting.bought(10);
    await placed({ kind: 'change-quantity', subscriptionId, seats: 11 });
    const seats = { kind: 'change-quantity' as const, subscriptionId, seats: 12 };
    const renewal = { kind: 'renewal-setting' as const, subscriptionId, autoRenew: false };
    const statements = await placedFor(seats, renewal);
    expect(statements).toHaveLength(9);
    const [first, second] = statements.flatMap((text, at) => (text.startsWith('with fresh') ? [at] : []));
    expect(statements.slice(first! + 1, second)).toEqual([expect.stringContaining('as context')]);
  });

  it('a cancellation and a renewal setting: two', async () => {
    const subscriptionId = await quoting.bought(10);
    expect(await placed({ kind: 'renewal-setting', subscriptionId, autoRenew: false })).toHaveLength(2);
    expect(await placed({ kind: 'cancel', subscriptionId })).toHaveLength(2);
  });

  it('a purchase: two before and four in its transaction, which begins with the lock', async () => {
    const statements = await placed(quoting.purchase());
    expect(statements).toHaveLength(6);
    expect(statements[2]).toMatch(/^begin; select pg_advisory_xact_lock/);
    expect(statements[5]).toBe('commit');
  });

  it('a repeated purchase: one', async () => {
    const [key, body] = [randomUUID(), quoting.purchase()];
    await quoting.place(body, key);
    const again = await statementsFor(quoting.tenantId, () => quoting.place(body, key));
    expect(again).toHaveLength(1);
  });
});

it('takes one statement to read a subscription, or those of an account, for Work 365', async () => {
  const subscriptionId = await quoting.bought(10);
  const { tenantId, connectorId, providerAccountId } = quoting;
  const requests = requestsTo(quoting.service);
  const one = { tenantId, connectorId, subscriptionId };
  expect(await statementsFor(tenantId, () => requests.request(ReadSubscription, one))).toHaveLength(1);
  const all = { tenantId, connectorId, providerAccountId };
  expect(await statementsFor(tenantId, () => requests.request(ListSubscriptions, all))).toHaveLength(1);
});
