import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@isthmus/testing';
import { isNce, OrderTime, subscriptionsLike, syncEverything } from '../platform/acts.ts';
import type { Untyped } from '../platform/http-client.ts';
import { type Platform, type PlatformClients, startPlatform } from '../platform/start-platform.ts';

const momentsOfChance = [0, 5, 15, 40, 100];
let platform: Platform;
let user: PlatformClients;
let time: OrderTime;
let fresh: Untyped[];

beforeAll(async () => {
  platform = await startPlatform({
    lifecycle: true,
    simulator: { world: 'sized:60:240' },
    env: { ORDER_POLL_MS: '100', SCHEDULE_POLL_MS: '50', ORDER_RESEND_FLOOR_MS: '8000' },
  });
  user = await platform.as();
  time = new OrderTime(platform);
  await syncEverything(platform, user);
  fresh = await subscriptionsLike(user, 10, isNce);
});
afterAll(async () => {
  await time?.pool.end();
  await platform?.stop();
});

it('scheduled changes whose process is killed while they fall due are each at CMP once, and done', async () => {
  const at = new Date(Date.now() + 4_000).toISOString();
  const ids: string[] = [];
  for (const { id, lines } of fresh) {
    const change = { subscriptionId: id, kind: 'change-quantity', seats: lines[0].quantity + 1, at };
    const key = { 'idempotency-key': randomUUID() };
    const { status, body } = await user.subscriptions.post('/v1/scheduled-changes', change, key);
    expect(status).toBe(201);
    ids.push(body.id);
  }
  await sleep(Math.max(0, Date.parse(at) - Date.now()));
  for (const moment of momentsOfChance) {
    await sleep(moment);
    await platform.lifecycle!.signal('SIGKILL');
    await time.leasesEnd();
    await platform.lifecycle!.start();
  }
  const read = async (id: string) => (await user.subscriptions.get(`/v1/scheduled-changes/${id}`)).body;
  const ended = eventually(
    async () => {
      const changes = await Promise.all(ids.map(read));
      return changes.every(({ status }) => status !== 'planned' && status !== 'ordered') && changes;
    },
    { everyMs: 300 },
  );
  const changes = await time.hurry(ended);
  expect(changes.map(({ status }) => status)).toEqual(ids.map(() => 'done'));
  const ledger = await platform.simulator.control.ledger();
  for (const { orderId } of changes) {
    const { marker } = (await user.subscriptions.get(`/v1/orders/${orderId}`)).body;
    expect(ledger.filter(({ poNumber }) => poNumber === marker)).toHaveLength(1);
  }
  expect(ledger).toHaveLength(ids.length);
});
