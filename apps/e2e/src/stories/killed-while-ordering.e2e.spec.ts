import { randomUUID } from 'node:crypto';
import { eventually } from '@isthmus/testing';
import { connectorFields, createConnector, sync } from '../platform/acts.ts';
import type { Untyped } from '../platform/http-client.ts';
import { startPlatform, type Platform, type PlatformClients } from '../platform/start-platform.ts';

let platform: Platform;
let user: PlatformClients;
let subscriptions: Untyped[];

beforeAll(async () => {
  platform = await startPlatform({
    lifecycle: true,
    env: { ORDER_LEASE_MS: '2000', ORDER_RESEND_FLOOR_MS: '12000', ORDER_POLL_MS: '100' },
  });
  user = await platform.as();
  const { id: connectorId } = await createConnector(user, connectorFields(platform));
  await sync(user.accounts, { connectorId, scope: 'accounts' });
  const run = await sync(user.accounts, { connectorId, scope: 'subscriptions', depth: 'full' });
  expect(run.status).toBe('succeeded');
  subscriptions = await eventually(async () => {
    const { body } = await user.subscriptions.get('/v1/subscriptions?status=active&limit=200');
    const nce = body.data.filter(
      ({ lines, term }: Untyped) => lines.length === 1 && term !== null && /^CFQ7TTC0/.test(lines[0].mpn),
    );
    return nce.length >= 12 ? nce : undefined;
  });
}, 120_000);
afterAll(() => platform?.stop());

const increase = async (): Promise<string> => {
  const subscription = subscriptions.pop();
  const body = {
    kind: 'change-quantity',
    subscriptionId: subscription.id,
    seats: subscription.lines[0].quantity + 1,
  };
  const { status, body: order } = await user.subscriptions.post('/v1/orders', body, {
    'idempotency-key': randomUUID(),
  });
  expect(status).toBe(202);
  return order.id;
};
const ended = (id: string): Promise<Untyped> =>
  eventually(
    async () => {
      const { body } = await user.subscriptions.get(`/v1/orders/${id}`);
      return ['settled', 'refused', 'needs-attention', 'completed-not-effective'].includes(body.status)
        ? body
        : undefined;
    },
    { withinMs: 90_000, everyMs: 200 },
  );
const timesAtCmp = async (marker: string) =>
  (await platform.simulator.control.ledger()).filter(({ poNumber }) => poNumber === marker).length;
const posts = async () =>
  (await platform.simulator.control.requests()).filter(
    ({ method, path }) => method === 'POST' && path === '/orders',
  ).length;
const restart = async () => {
  await platform.lifecycle!.signal('SIGKILL');
  await platform.lifecycle!.start();
};

it.each([
  ['the answer is slow', { kind: 'slow', ms: 3_000 }],
  ['the order appears late', { kind: 'late-accept', seconds: 5 }],
  ['the answer is lost', { kind: 'answer-lost' }],
])(
  'killed while it sends and %s: the order is at CMP once, and settles',
  async (_, fault) => {
    await platform.simulator.control.fault({
      ...fault,
      match: { method: 'POST', path: '^/orders$' },
      times: 1,
    } as never);
    const before = await posts();
    const id = await increase();
    await eventually(async () => (await posts()) > before, { everyMs: 5 });
    await restart();
    const order = await ended(id);
    expect(order).toMatchObject({ status: 'settled' });
    expect(await timesAtCmp(order.marker)).toBe(1);
  },
  120_000,
);

it('killed again and again at moments that chance chose: each order is at CMP once, and settles', async () => {
  const ids: string[] = [];
  for (const after of [0, 20, 45, 80, 130, 250]) {
    ids.push(await increase());
    await new Promise((resolve) => setTimeout(resolve, after));
    await restart();
  }
  for (const id of ids) {
    const order = await ended(id);
    expect(order).toMatchObject({ status: 'settled' });
    expect(await timesAtCmp(order.marker)).toBe(1);
  }
}, 180_000);
