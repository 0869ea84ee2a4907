import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, type RunningServer, startPostgres } from '@isthmus/testing';
import {
  isNce,
  oneMore,
  orderEnded,
  OrderTime,
  place,
  placed,
  subscriptionsLike,
  syncEverything,
} from '../platform/acts.ts';
import type { Untyped } from '../platform/http-client.ts';
import { type Platform, type PlatformClients, startPlatform } from '../platform/start-platform.ts';

let dir: string;
let postgres: RunningServer;
let platform: Platform;
let user: PlatformClients;
let fresh: Untyped[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isthmus-story-'));
  postgres = await startPostgres({ dir, port: await freePort() });
  platform = await startPlatform({
    postgres: postgres.url,
    lifecycle: true,
    simulator: { world: 'sized:20:120', orderDelaySeconds: 0.3 },
    env: { ORDER_POLL_MS: '100', ORDER_LEASE_MS: '2000', ORDER_RESEND_FLOOR_MS: '5000' },
  });
  user = await platform.as();
  await syncEverything(platform, user);
  fresh = await subscriptionsLike(user, 5, isNce);
});
afterAll(async () => {
  await platform?.stop();
  await postgres?.stop();
  await rm(dir, { recursive: true, force: true });
});

it('loses no order when PostgreSQL breaks down under them: 503 meanwhile, and the same key works afterwards', async () => {
  const { control } = platform.simulator;
  // Some are on their way to CMP, whose answers find no database to be stored in; one is waiting.
  await control.fault({
    kind: 'hold',
    done: true,
    times: null,
    match: { method: 'POST', path: '^/orders$' },
  });
  const sent = await Promise.all(fresh.slice(0, 3).map((one) => placed(user, oneMore(one))));
  await eventually(async () => (await control.ledger()).length === sent.length);

  // Immediate shutdown: every connection is cut, in mid-transaction or not.
  await postgres.stop('SIGQUIT');
  await control.clearFaults();
  const key = randomUUID();
  const refused = await place(user, oneMore(fresh[3]), key);
  expect(refused).toMatchObject({ status: 503, body: { nextStep: expect.any(String) } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  const { port } = postgres;
  postgres = await startPostgres({ dir, port });

  const accepted = await eventually(async () => {
    const answer = await place(user, oneMore(fresh[3]), key);
    return answer.status === 202 && answer;
  });
  const time = new OrderTime(platform);
  try {
    for (const id of [...sent, accepted.body.id]) {
      const { status, marker } = await time.hurry(orderEnded(user, id));
      const atCmp = (await control.ledger()).filter(({ poNumber }) => poNumber === marker).length;
      expect({ id, status, atCmp }).toEqual({ id, status: 'settled', atCmp: 1 });
    }
  } finally {
    await time.pool.end();
  }
});
