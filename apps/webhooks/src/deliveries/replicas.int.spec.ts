import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@isthmus/testing';
import { LeaseLost, DeliveryQueue } from './delivery-queue.store.ts';
import { startReceiver, type Receiver } from '../../test/receiver.fixture.ts';
import { subscriptionChanged, runWebhooks, type RunningWebhooks } from '../../test/webhooks.fixture.ts';

let webhooks: RunningWebhooks;
let receivers: Receiver[];
beforeAll(async () => {
  webhooks = await runWebhooks({ WEBHOOK_ENDPOINT_CONCURRENCY: '2' });
  await webhooks.replica();
  await webhooks.replica();
  receivers = await Promise.all(Array.from({ length: 4 }, startReceiver));
});
afterAll(async () => {
  await Promise.all(receivers.map((one) => one.close()));
  await webhooks.stop();
});
afterEach(async () => {
  await webhooks.pool.query('delete from endpoints');
  for (const one of receivers)
    Object.assign(one, { received: [], maxConcurrent: 0, respond: () => ({ status: 204 }) });
});

const endpointRow = async (id: string) =>
  (await webhooks.pool.query('select * from endpoints where id = $1', [id])).rows[0];
const pendingOf = async (id: string) =>
  (await webhooks.pool.query(`select from deliveries where endpoint_id = $1 and status = 'pending'`, [id]))
    .rowCount;

it('several processes send each event once to each endpoint, in order, and together keep to the limit', async () => {
  const endpoints = await Promise.all(receivers.map(({ url }) => webhooks.endpoint(url)));
  for (const one of receivers) one.respond = () => ({ status: 204, afterMs: 2 });
  const subscriptions = Array.from({ length: 20 }, () => randomUUID());
  for (let version = 1; version <= 10; version += 1) {
    const round = subscriptions.map((one) => subscriptionChanged(webhooks.tenantId, one, version));
    await webhooks.publish(...round);
    await eventually(async () => {
      const { rowCount } = await webhooks.pool.query('select from events where id = any($1)', [
        round.map(({ id }) => id),
      ]);
      return rowCount === round.length;
    });
  }
  for (const [index, one] of receivers.entries()) {
    await eventually(() => one.received.length >= 200);
    await eventually(async () => (await pendingOf(endpoints[index]!.id)) === 0);
    expect(one.received).toHaveLength(200);
    expect(one.maxConcurrent).toBeLessThanOrEqual(2);
    for (const subscription of subscriptions) {
      const versions = one.received.filter(({ event }) => event.subject === subscription);
      expect(versions.map(({ event }) => event.aggregateversion)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }
  }
});

it('what somebody who is gone had in hand is sent by another when the lease is over', async () => {
  const { id } = await webhooks.endpoint(receivers[0]!.url);
  // As a process that was killed leaves it: the endpoint is its, and nobody renews the lease.
  await webhooks.pool.query(
    `update endpoints set lease_token = 77, lease_until = now() + interval '700 ms' where id = $1`,
    [id],
  );
  await webhooks.publish(subscriptionChanged(webhooks.tenantId, randomUUID(), 1));
  await eventually(async () => (await pendingOf(id)) === 1);
  await sleep(250);
  expect(receivers[0]!.received).toHaveLength(0);
  await eventually(() => receivers[0]!.received.length === 1);
  expect(Number((await endpointRow(id)).lease_token)).toBeGreaterThan(77);
});

it('nothing is written by somebody who has lost the endpoint: the event is sent again', async () => {
  const { id } = await webhooks.endpoint(receivers[0]!.url);
  let begun = false;
  receivers[0]!.respond = () => {
    if (begun) return { status: 204 };
    begun = true;
    return { status: 204, afterMs: 500 };
  };
  const event = subscriptionChanged(webhooks.tenantId, randomUUID(), 1);
  await webhooks.publish(event);
  await eventually(() => begun);
  await webhooks.pool.query(
    `update endpoints set lease_token = lease_token + 1, lease_until = now() + interval '1 s' where id = $1`,
    [id],
  );
  await sleep(700);
  expect(await pendingOf(id)).toBe(1);
  await eventually(async () => (await pendingOf(id)) === 0);
  expect(receivers[0]!.received.map(({ headers }) => headers['webhook-id'])).toEqual([event.id, event.id]);
});

it('a settlement with an old token is refused and changes nothing', async () => {
  const { id } = await webhooks.endpoint(receivers[0]!.url);
  const { lease_token: token, tenant_id: tenantId } = await endpointRow(id);
  const lease = { endpointId: id, tenantId, token: Number(token) - 1 };
  const attempt = { at: new Date(), durationMs: 1, url: '', requestHeaders: {}, status: 410 };
  const outcome = {
    delivery: { id: randomUUID(), round: 1 },
    attempt,
    decision: { outcome: 'undelivered' as const, holdMs: 0, gone: true },
  };
  await expect(webhooks.service.get(DeliveryQueue).recordOutcomes(lease, [outcome])).rejects.toThrow(
    LeaseLost,
  );
  expect(await endpointRow(id)).toMatchObject({ status: 'enabled', failing_since: null });
});
