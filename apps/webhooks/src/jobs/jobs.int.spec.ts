import { randomUUID } from 'node:crypto';
import { eventually } from '@isthmus/testing';
import { Pruning } from '../persistence/prune.ts';
import { startReceiver, type Receiver } from '../receiver.fixture.spec.ts';
import { changed, runWebhooks, type RunningWebhooks } from '../webhooks.fixture.spec.ts';

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
  const events = Array.from({ length: 4 }, () => changed(webhooks.tenantId, randomUUID(), 1));
  await webhooks.say(...events);
  const left = async (table: string) => (await webhooks.pool.query(`select from ${table}`)).rowCount;
  await eventually(async () => (await left('delivery_attempts')) === 4);
  const old = events.slice(0, 3).map((event) => event.id);
  await webhooks.pool.query(`update events set stored_at = now() - interval '31 days' where id = any($1)`, [
    old,
  ]);
  expect(await webhooks.service.get(Pruning).prune(30, new AbortController().signal)).toBe(3);
  for (const table of ['events', 'deliveries', 'delivery_attempts']) expect(await left(table)).toBe(1);
  const { data } = (await webhooks.call('GET', `/v1/webhook-endpoints/${id}/deliveries`)).body;
  expect(data).toMatchObject([{ eventId: events[3]!.id }]);
});

it('moves secrets to a new key at a start, and signs with them as before', async () => {
  const { id, secret } = await webhooks.endpoint(receiver.url);
  const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');
  const other = await webhooks.replica({
    SECRET_RING: JSON.stringify({ current: 'k2', keys: { k1: key(7), k2: key(8) } }),
  });
  await eventually(async () => {
    const { rows } = await webhooks.pool.query('select sealed from endpoint_secrets where endpoint_id = $1', [
      id,
    ]);
    return rows[0].sealed.startsWith('s1.k2.');
  });
  receiver.got.length = 0;
  const { body } = await webhooks.call('POST', `${other.url}/v1/webhook-endpoints/${id}/test`);
  expect(body).toMatchObject({ delivered: true });
  expect(receiver.verified(secret)).toHaveLength(1);
});
