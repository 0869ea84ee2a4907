import { randomUUID } from 'node:crypto';
import {
  defaultOrderGuard,
  type OrderLimitsV1,
  PlaceOrders,
  type RequestedOrderV1,
} from '@isthmus/contracts';
import { Message } from '@isthmus/messaging';
import { requestsTo } from '@isthmus/testing';
import { ConnectorEvents } from '../src/accounts/accounts.events.ts';
import { DueChanges } from '../src/scheduled-changes/scheduled-change.store.ts';
import { executeDueChange } from '../src/scheduled-changes/scheduled-changes.worker.ts';
import type { Json } from './lifecycle.fixture.ts';
import { runQuoting } from './neighbours.fixture.ts';

const off = { seats: null, percent: null, percentFromSeats: 1, yearlyAmount: null, purchasesPerHour: null };

/** The service before a simulated CMP, with an order guard whose limits a spec sets, and every door to order through. */
export async function runGuarded() {
  const quoting = await runQuoting();
  const { service, connectorId, tenantId, pool } = quoting;
  const requests = requestsTo(service);
  let versions = 100;

  const decide = (action: 'approve' | 'reject', id: string, hash: string, by: string, more: object = {}) =>
    quoting.call('POST', `/v1/orders/${id}/${action}`, { hash, ...more }, {}, { sub: by });

  return {
    ...quoting,
    /** What connector-config publishes when an admin sets limits; all others are off. */
    async guard(quoteFrom: Partial<OrderLimitsV1>, approvalFrom: Partial<OrderLimitsV1> = {}) {
      const orderGuard = {
        ...defaultOrderGuard('USD'),
        quoteFrom: { ...off, ...quoteFrom },
        approvalFrom: { ...off, ...approvalFrom },
      };
      versions += 1;
      const envelope = { id: randomUUID(), subject: connectorId, tenantId, correlationId: 'spec' };
      const message = new Message('x', {
        ...envelope,
        aggregateVersion: versions,
        time: new Date().toISOString(),
      });
      await service.get(ConnectorEvents).changed({ connectorId, orderGuard } as never, message);
    },
    /** Nothing that an earlier test left is carried out or counted any more. */
    async startAfresh() {
      await pool.query(`update orders set next_step_at = null, created_at = now() - interval '2 days'`);
      await quoting.simulator.control.clearRequests();
    },
    /** As a person orders. */
    placeAs: (by: string, body: object, key: string = randomUUID()) =>
      quoting.call('POST', '/v1/orders', body, { 'idempotency-key': key }, { sub: by }),
    /** As the Rest Provider orders for Work 365. */
    async placeFor(order: RequestedOrderV1, key: string = randomUUID()): Promise<Json> {
      const { orders } = await requests.request(PlaceOrders, {
        ...{ tenantId, connectorId, key, requestedBy: 'api-key work365' },
        orders: [order],
      });
      return orders[0];
    },
    async order(id: string): Promise<Json> {
      return (await quoting.call('GET', `/v1/orders/${id}`)).body;
    },
    approve: (id: string, hash: string, by = 'bob') => decide('approve', id, hash, by),
    reject: (id: string, hash: string, by = 'bob') => decide('reject', id, hash, by, { reason: 'Too many.' }),
    /** Approves it as somebody else than who requested it. */
    async approved(id: string, by = 'bob'): Promise<void> {
      const { approval } = (await quoting.call('GET', `/v1/orders/${id}`)).body;
      expect(await decide('approve', id, approval.hash, by)).toMatchObject({ status: 202 });
    },
    /** The command for more seats. */
    seats: (subscriptionId: string, total: number) =>
      ({ kind: 'change-quantity', subscriptionId, seats: total }) as const,
    async seatsAtCmp(subscriptionId: string): Promise<number> {
      const { rows } = await pool.query('select cmp_subscription_id as id from subscriptions where id = $1', [
        subscriptionId,
      ]);
      return Number((await quoting.cmp.subscriptions.get(rows[0].id)).products[0]!.quantity);
    },
    /** Plans a change, lets its time come, and takes it as a worker does; answers the change. */
    async scheduled(by: string, body: object, edit?: { by: string; seats: number }): Promise<Json> {
      const at = new Date(Date.now() + 86_400_000).toISOString();
      const headers = { 'idempotency-key': randomUUID() };
      const plan = { at, ...body };
      const { body: change } = await quoting.call('POST', '/v1/scheduled-changes', plan, headers, {
        sub: by,
      });
      const path = `/v1/scheduled-changes/${change.id}`;
      if (edit)
        await quoting.call('PATCH', path, { seats: edit.seats }, { 'if-match': '"1"' }, { sub: edit.by });
      return this.carriedOut(change.id);
    },
    /** Lets the time of a planned change come, and takes it as a worker does; answers the change. */
    async carriedOut(id: string): Promise<Json> {
      await pool.query(
        `update scheduled_changes set next_try_at = now(),
           due_at = case when due_at is not null then now() - interval '1 second' end where id = $1`,
        [id],
      );
      const take = service.get(DueChanges).takeOne((em, row, now) => executeDueChange(em, row, now));
      expect(await take).toBe(true);
      return (await quoting.call('GET', `/v1/scheduled-changes/${id}`)).body;
    },
    /** How many orders were sent to CMP since the log of its requests was cleared. */
    async sent(): Promise<number> {
      const called = await quoting.simulator.control.requests();
      return called.filter(({ method, path }) => method === 'POST' && path === '/orders').length;
    },
    async saidOf(orderId: string): Promise<string[]> {
      const said = (await quoting.said()).filter(({ data }) => data.orderId === orderId);
      return said.map(({ subject }) => subject.replace(/^subscription-lifecycle\.|\.v1$/g, ''));
    },
  };
}

export type Guarded = Awaited<ReturnType<typeof runGuarded>>;
