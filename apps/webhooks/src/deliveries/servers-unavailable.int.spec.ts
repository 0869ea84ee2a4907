import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, freePort, startPostgres, type RunningServer } from '@isthmus/testing';
import { startReceiver, type Receiver } from '../../test/receiver.fixture.ts';
import { subscriptionChanged, runWebhooks, type RunningWebhooks } from '../../test/webhooks.fixture.ts';

let dir: string;
let port: number;
let postgres: RunningServer;
let webhooks: RunningWebhooks;
let receiver: Receiver;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isthmus-unavailable-'));
  port = await freePort();
  postgres = await startPostgres({ dir, port, durable: false });
  webhooks = await runWebhooks({ WEBHOOK_LEASE_MS: '1000', WEBHOOK_TIMEOUT_MS: '2000' }, postgres.url);
  webhooks.pool.on('error', () => undefined);
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await webhooks.stop();
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
});

it('loses nothing when PostgreSQL goes away while it delivers and while it hears', async () => {
  const { id } = await webhooks.endpoint(receiver.url);
  // It stops responding after the first 20, so that the rest is still to be delivered however slow this machine is.
  receiver.respond = () => (ids().size > 20 ? 'hang' : { status: 204 });
  const events = Array.from({ length: 200 }, () => subscriptionChanged(webhooks.tenantId, randomUUID(), 1));
  const ids = () => new Set(receiver.received.map(({ headers }) => headers['webhook-id']));
  await webhooks.publish(...events.slice(0, 150));
  await eventually(() => ids().size > 20, { everyMs: 5 });
  await postgres.stop('SIGINT');
  await webhooks.publish(...events.slice(150));
  await sleep(500);
  expect(ids().size).toBeLessThan(150);
  receiver.respond = () => ({ status: 204 });
  postgres = await startPostgres({ dir, port, durable: false });
  await eventually(() => ids().size === 200);
  const state = await eventually(async () => {
    const { status, body } = await webhooks.call('GET', `/v1/webhook-endpoints/${id}`);
    return status === 200 && body.pending === 0 && body;
  });
  expect(state).toMatchObject({ undelivered: 0, status: 'enabled' });
});
