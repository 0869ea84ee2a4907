import { randomUUID } from 'node:crypto';
import { eventually } from '@isthmus/testing';
import { startReceiver, type Receiver } from '../../test/receiver.fixture.ts';
import { subscriptionChanged, runWebhooks, type RunningWebhooks } from '../../test/webhooks.fixture.ts';
import { PruneEvents } from './prune-events.job.ts';

let webhooks: RunningWebhooks;
let receiver: Receiver;
beforeAll(async () => {
  webhooks = await runWebhooks();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await webhooks.stop();
});

it('forgets old events with their deliveries and logs, and no younger ones', async () => {
  const { id } = await webhooks.endpoint(receiver.url);
  const events = Array.from({ length: 4 }, () => subscriptionChanged(webhooks.tenantId, randomUUID(), 1));
  await webhooks.publish(...events);
  const left = async (table: string) => (await webhooks.pool.query(`select from ${table}`)).rowCount;
  await eventually(async () => (await left('delivery_attempts')) === 4);
  const old = events.slice(0, 3).map((event) => event.id);
  await webhooks.pool.query(`update events set stored_at = now() - interval '31 days' where id = any($1)`, [
    old,
  ]);
  expect(await webhooks.service.get(PruneEvents).prune(30, new AbortController().signal)).toBe(3);
  for (const table of ['events', 'deliveries', 'delivery_attempts']) expect(await left(table)).toBe(1);
  const { data } = (await webhooks.call('GET', `/v1/webhook-endpoints/${id}/deliveries`)).body;
  expect(data).toMatchObject([{ eventId: events[3]!.id }]);
});
