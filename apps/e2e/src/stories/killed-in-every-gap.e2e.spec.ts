import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultOrder } from '@isthmus/cmp-simulator';
import { eventually } from '@isthmus/testing';
import type { PoolClient } from 'pg';
import {
  isNce,
  oneMore,
  orderEnded,
  OrderTime,
  placed,
  readOrder,
  subscriptionsLike,
  syncEverything,
} from '../platform/acts.ts';
import type { Untyped } from '../platform/http-client.ts';
import { type Platform, type PlatformClients, startPlatform } from '../platform/start-platform.ts';

let platform: Platform;
let user: PlatformClients;
let time: OrderTime;
/** Subscriptions that nothing was ordered for yet. */
let fresh: Untyped[];
const momentsOfChance = [0, 20, 45, 80, 130, 250];
const locks: PoolClient[] = [];

beforeAll(async () => {
  platform = await startPlatform({
    lifecycle: true,
    // Signed in anew after two seconds: half the life of a token.
    simulator: { world: 'sized:60:240', tokenLifetimeSeconds: 4 },
    // A lease outlasts the story's own waiting; after a kill it is let run out.
    env: {
      ORDER_WORKERS: '30',
      ORDER_LEASE_MS: '600000',
      ORDER_RESEND_FLOOR_MS: '8000',
      ORDER_POLL_MS: '100',
    },
  });
  time = new OrderTime(platform);
  user = await platform.as();
  await syncEverything(platform, user);
  fresh = await subscriptionsLike(user, gaps.length + 1 + momentsOfChance.length, isNce);
});
afterAll(async () => {
  for (const client of locks) client.release(true);
  await time?.pool.end();
  await platform?.stop();
});

/** A fault for one subscription, and what a story wants to know of it. */
async function arm(fault: Omit<FaultOrder, 'match'>, method: string, path: string, content?: string) {
  const { control } = platform.simulator;
  const { id } = await control.fault({ ...fault, match: { method, path, content } } as FaultOrder);
  const struck = () =>
    eventually(async () => (await control.faults()).some((one) => one.id === id && one.applied > 0));
  return { struck, release: () => control.clearFault(id) };
}
const onPosting = (fault: Omit<FaultOrder, 'match'>, { cmpSubscriptionId }: Untyped) =>
  arm(fault, 'POST', '^/orders$', `"subscriptionId":"${cmpSubscriptionId}"`);
const onReading = (fault: Omit<FaultOrder, 'match'>, { cmpSubscriptionId }: Untyped) =>
  arm(fault, 'GET', `^/subscriptions/${cmpSubscriptionId}$`);
const hold = { kind: 'hold', times: null } as const;

const order = (subscription: Untyped) => placed(user, oneMore(subscription));
const reached = (id: string, status: string) =>
  eventually(async () => (await readOrder(user, id)).status === status && id);

/** The order's row is locked: what is learnt of it from now on cannot be stored. */
async function lock(id: string): Promise<void> {
  const client = await time.pool.connect();
  client.on('error', () => undefined);
  locks.push(client);
  await client.query('begin');
  await client.query('select 1 from orders where id = $1 for update', [id]);
}
const blocked = (count: number) =>
  eventually(async () => {
    const { rows } = await time.pool.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows.length >= count;
  });

/** Brings an order of the subscription into its gap and answers its id; the gap's end is the kill. */
type Gap = (subscription: Untyped) => Promise<string>;
const faulty =
  (fault: Omit<FaultOrder, 'match'>): Gap =>
  async (subscription) => {
    await onPosting(fault, subscription);
    return reached(await order(subscription), 'unknown');
  };

const gaps: [string, Gap][] = [
  [
    'before sending is stored',
    async (subscription) => {
      const { struck } = await onReading(hold, subscription);
      const id = await order(subscription);
      await struck();
      return id;
    },
  ],
  [
    'in flight, not taken',
    async (subscription) => {
      const { struck } = await onPosting(hold, subscription);
      const id = await order(subscription);
      await struck();
      return id;
    },
  ],
  [
    'in flight, taken',
    async (subscription) => {
      const { struck } = await onPosting({ ...hold, done: true }, subscription);
      const id = await order(subscription);
      await struck();
      return id;
    },
  ],
  [
    'answered, not stored',
    async (subscription) => {
      const { struck, release } = await onPosting({ ...hold, done: true }, subscription);
      const id = await order(subscription);
      await struck();
      await lock(id);
      await release();
      return id;
    },
  ],
  [
    'accepted, not followed',
    async (subscription) => {
      const id = await reached(await order(subscription), 'accepted');
      const { struck } = await arm(hold, 'GET', `^/orders/${(await readOrder(user, id)).cmpOrderId}$`);
      await struck();
      return id;
    },
  ],
  [
    'completed, not read again',
    async (subscription) => {
      const { struck } = await onReading({ ...hold, after: 1 }, subscription);
      const id = await order(subscription);
      await struck();
      return reached(id, 'proving');
    },
  ],
  [
    'read again, not settled',
    async (subscription) => {
      const { struck, release } = await onReading({ ...hold, after: 1 }, subscription);
      const id = await order(subscription);
      await struck();
      await lock(id);
      await release();
      return id;
    },
  ],
  ['504 as a page, not taken', faulty({ kind: 'html-504', accepted: false })],
  ['504 as a page, taken', faulty({ kind: 'html-504', accepted: true })],
  ['500, taken', faulty({ kind: 'error-after-accepting' })],
  ['the answer is lost, taken', faulty({ kind: 'answer-lost' })],
  ['the answer is cut, taken', faulty({ kind: 'cut' })],
  ['taken late', faulty({ kind: 'late-accept', seconds: 4 })],
];

const ledger = () => platform.simulator.control.ledger();
const timesAtCmp = async (marker: string) =>
  (await ledger()).filter(({ poNumber }) => poNumber === marker).length;

it('killed in every gap of every order, and again while it looks for them: each is at CMP once, and settles', async () => {
  const [unsent, ...subscriptions] = fresh.splice(0, gaps.length + 1);
  const ids = await Promise.all(gaps.map(([, gap], index) => gap(subscriptions[index])));
  await blocked(locks.length);
  const check = await onReading(hold, unsent);
  const unsentId = await order(unsent);
  await check.struck();
  // The gap without a call of the order's own: `sending` is stored, and the POST waits for somebody to be signed in.
  await sleep(2_000);
  const signIn = await arm(hold, 'POST', '^/token$');
  await check.release();
  await signIn.struck();
  await reached(unsentId, 'sending');
  expect(await timesAtCmp((await readOrder(user, unsentId)).marker)).toBe(0);

  await platform.lifecycle!.signal('SIGKILL');
  for (const client of locks.splice(0)) client.release(true);
  await platform.simulator.control.clearFaults();
  await platform.simulator.control.fault({
    ...hold,
    match: { method: 'GET', path: '^/orders$' },
  });
  await time.leasesEnd();
  await platform.lifecycle!.start();
  const looking = async () => (await platform.simulator.control.faults())[0]!.applied;
  await time.hurry(eventually(async () => (await looking()) >= 10));
  await platform.lifecycle!.signal('SIGKILL');
  await platform.simulator.control.clearFaults();
  await time.leasesEnd();
  await platform.lifecycle!.start();

  const found = [];
  for (const [index, id] of [...ids, unsentId].entries()) {
    const { status, marker, seats } = await time.hurry(orderEnded(user, id));
    const { cmpSubscriptionId } = subscriptions[index] ?? unsent;
    const { products } = await platform.simulator.control.patchSubscription(cmpSubscriptionId, {});
    const asAsked = Number(products![0]!.quantity) === seats;
    found.push([gaps[index]?.[0] ?? 'sending stored, not sent', status, await timesAtCmp(marker), asAsked]);
  }
  expect(found).toEqual(found.map(([name]) => [name, 'settled', 1, true]));
});

it('killed again and again at moments that chance chose: each order is at CMP once, and settles', async () => {
  const ids: string[] = [];
  for (const after of momentsOfChance) {
    ids.push(await order(fresh.pop()));
    await sleep(after);
    await platform.lifecycle!.signal('SIGKILL');
    await time.leasesEnd();
    await platform.lifecycle!.start();
  }
  for (const id of ids) {
    const { status, marker } = await time.hurry(orderEnded(user, id));
    expect([status, await timesAtCmp(marker)]).toEqual(['settled', 1]);
  }
});
