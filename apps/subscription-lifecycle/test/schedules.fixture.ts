import { randomUUID } from 'node:crypto';
import type { ProviderSubscriptionAppearedV1, ProviderSubscriptionChangedV1 } from '@isthmus/contracts';
import { Message } from '@isthmus/messaging';
import { eventually } from '@isthmus/testing';
import type { PoolClient } from 'pg';
import { DueChanges } from '../src/scheduled-changes/scheduled-change.store.ts';
import { executeDueChange, type PriceRules } from '../src/scheduled-changes/scheduled-changes.worker.ts';
import { ProviderEvents } from '../src/subscriptions/provider.events.ts';
import { type Json, runLifecycle } from './lifecycle.fixture.ts';

const day = 86_400_000;
export const daysAhead = (days: number) => new Date(Date.now() + days * day).toISOString();
export const atRenewal = (seats: number) => ({ kind: 'change-quantity', seats, at: 'renewal' });
export const nce = 'CFQ7TTC0LH16:0001';

/** The service before a simulated CMP, with subscriptions that both know. */
export async function runSchedules(env: Record<string, string> = {}) {
  const lifecycle = await runLifecycle(env);
  const due = lifecycle.service.get(DueChanges);
  const versions = new Map<string, number>();

  const message = (id: string) => {
    versions.set(id, (versions.get(id) ?? 0) + 1);
    return new Message('x', {
      id: randomUUID(),
      subject: id,
      tenantId: lifecycle.tenantId,
      correlationId: 'sync',
      aggregateVersion: versions.get(id)!,
      time: daysAhead(0),
    });
  };
  const news = (id: string, more: object = {}): ProviderSubscriptionAppearedV1 => ({
    connectorId: lifecycle.connectorId,
    providerSubscriptionId: id,
    cmpSubscriptionId: `s${id}`,
    cmpAccountId: '1',
    name: 'Basic',
    status: 'active',
    autoRenew: true,
    creationDate: daysAhead(-100),
    renewalDate: daysAhead(265),
    quantityKnown: true,
    lines: [{ mpn: nce, vendor: 'MICROSOFT', productId: 'P1', name: 'Basic', quantity: 10 }],
    asOf: daysAhead(-3),
    ...more,
  });

  return {
    ...lifecycle,
    message,
    /** A subscription that the mirror has told of. */
    async subscribed(more: object = {}): Promise<string> {
      const id = randomUUID();
      await lifecycle.service.get(ProviderEvents).subscriptionAppeared(news(id, more), message(id));
      return id;
    },
    /** What the mirror tells of it next. */
    async changed(id: string, more: object): Promise<void> {
      await lifecycle.service
        .get(ProviderEvents)
        .subscriptionChanged(news(id, more) as ProviderSubscriptionChangedV1, message(id));
    },
    /** One that exists at the simulated CMP too, bought there just now. */
    async bought(seats = 5): Promise<{ id: string; cmpSubscriptionId: string }> {
      const held = await lifecycle.simulator.control.buySubscription({ quantity: seats });
      const line = held.products![0]!;
      const id = await this.subscribed({
        cmpSubscriptionId: held.id,
        cmpAccountId: held.customerId,
        name: held.name,
        creationDate: held.creationDate,
        renewalDate: held.renewalDate,
        asOf: daysAhead(0),
        billingPeriod: held.billingPeriod,
        term: held.subscriptionPeriod,
        lines: [
          {
            ...{ mpn: line.mpn, vendor: line.vendor, productId: line.id, name: line.name },
            quantity: line.quantity,
          },
        ],
      });
      return { id, cmpSubscriptionId: held.id! };
    },
    plan: (body: object, key: string = randomUUID()) =>
      lifecycle.call('POST', '/v1/scheduled-changes', body, { 'idempotency-key': key }),
    /** An accepted order, past the door. */
    unchecked: lifecycle.order,
    order: (body: object) => lifecycle.call('POST', '/v1/orders', body, { 'idempotency-key': randomUUID() }),
    async change(id: string): Promise<Json> {
      return (await lifecycle.call('GET', `/v1/scheduled-changes/${id}`)).body;
    },
    /** Lets the time of one come. */
    comeDue: (id: string) =>
      lifecycle.pool.query(
        "update scheduled_changes set due_at = now() - interval '1 second', next_try_at = now() where id = $1",
        [id],
      ),
    /** What a worker does, once; false when nothing is due. */
    takeOne: (rules?: PriceRules) =>
      due.takeOne((client, row, now) => executeDueChange(client, row, now, rules)),
    atCmp: (cmpSubscriptionId: string) => lifecycle.cmp.subscriptions.get(cmpSubscriptionId),
    async changesOf(subscriptionId: string): Promise<Json[]> {
      return (await lifecycle.call('GET', `/v1/scheduled-changes?subscriptionId=${subscriptionId}`)).body
        .data;
    },
    /** Plans a change, lets a worker take it, and works on its order until that stands there. */
    async ordered(subscriptionId: string, body: object, ...statuses: string[]) {
      const { body: change } = await this.plan({ subscriptionId, ...body });
      if (change.at !== 'renewal') await this.comeDue(change.id);
      expect(await this.takeOne()).toBe(true);
      const { orderId } = await this.change(change.id);
      await lifecycle.until(orderId, ...statuses);
      return { id: change.id as string, orderId: orderId as string };
    },
    /** Runs in a transaction of somebody else's, which ends with it. */
    async beside<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
      const client = await lifecycle.pool.connect();
      try {
        await client.query('begin');
        const result = await work(client);
        await client.query('commit');
        return result;
      } finally {
        client.release(true);
      }
    },
    /** Waits until somebody waits for a lock that this client holds; answers the process that does. */
    waitingFor: (client: PoolClient): Promise<number> =>
      eventually(async () => {
        const text = 'select pid from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))';
        return (await client.query<{ pid: number }>(text)).rows[0]?.pid;
      }),
    async ordersOf(subscriptionId: string): Promise<Json[]> {
      return (await lifecycle.call('GET', `/v1/orders?subscriptionId=${subscriptionId}`)).body.data;
    },
    /** The statuses that were told of one, in the order told. */
    async told(id: string): Promise<string[]> {
      const said = await lifecycle.said();
      return said.filter(({ data }) => data.scheduledChangeId === id).map(({ data }) => data.status);
    },
  };
}

export type Schedules = Awaited<ReturnType<typeof runSchedules>>;
