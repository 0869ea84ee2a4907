import { randomUUID } from 'node:crypto';
import { eventProbe, type EventProbe, eventually, startNats } from '@isthmus/testing';
import {
  isNce,
  oneMore,
  orderEnded,
  OrderTime,
  place,
  placed,
  readOrder,
  subscriptionsLike,
  syncCatalogue,
  syncEverything,
} from '../platform/acts.ts';
import type { Untyped } from '../platform/http-client.ts';
import { traceSink } from '../platform/receivers.ts';
import { type Platform, type PlatformClients, startPlatform } from '../platform/start-platform.ts';

let platform: Platform;
let user: PlatformClients;
let time: OrderTime;
let probe: EventProbe;
let sink: Awaited<ReturnType<typeof traceSink>>;
let fresh: Untyped[];
let agreed: Untyped[];
let accountId: string;
let connectorId: string;

const trial = 'INGRAM:MICROSOFT:CFQ7TTC0LF8Q:0001';
const legacyTrial = 'INGRAM:MICROSOFT:bd938f12-058f-4927-bba3-ae36b1d2501c';
const azure = 'INGRAM:MICROSOFT:DZH318Z0BQ35:0001';

beforeAll(async () => {
  sink = await traceSink();
  platform = await startPlatform({
    lifecycle: true,
    catalog: true,
    simulator: { world: 'sized:40:300', orderDelaySeconds: 0.3 },
    env: {
      ORDER_POLL_MS: '100',
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      // Only what a caller asks for is traced.
      OTEL_SAMPLE_RATIO: '0',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    },
  });
  time = new OrderTime(platform);
  probe = await eventProbe(platform.nats.url);
  user = await platform.as();
  await nameTrialsAndAzure();
  connectorId = await syncEverything(platform, user);
  await syncCatalogue(user, connectorId);
  fresh = await subscriptionsLike(user, 8, isNce);
  agreed = (await user.subscriptions.get('/v1/subscriptions?limit=200')).body.data;
  accountId = fresh[0].providerAccountId;
});
afterAll(async () => {
  await probe?.close();
  await time?.pool.end();
  await platform?.stop();
  await sink?.close();
});

/** The simulator sells neither: the distributor renames some of what it sells. */
async function nameTrialsAndAzure(): Promise<void> {
  const { control } = platform.simulator;
  const products = await catalogueAtCmp();
  const patch = (mpn: string, change: object) =>
    Promise.all(
      products.filter((product) => product.mpn === mpn).map(({ id }) => control.patchProduct(id, change)),
    );
  await patch(trial.slice('INGRAM:MICROSOFT:'.length), { name: 'Office 365 E1 Trial' });
  await patch(legacyTrial.slice('INGRAM:MICROSOFT:'.length), {
    name: 'Office 365 Business Essentials Trial',
  });
  await patch('CFQ7TTC0HL8W:0001', { mpn: azure.slice('INGRAM:MICROSOFT:'.length), name: 'Azure plan' });
}

async function catalogueAtCmp(): Promise<Untyped[]> {
  const [account] = await platform.simulator.control.call<Untyped[]>('GET', '/accounts');
  const key = { 'x-subscription-key': account.subscriptionKey, 'content-type': 'application/json' };
  const basic = Buffer.from(`${account.username}:${account.password}`).toString('base64');
  const { apiUrl } = platform.simulator;
  const signIn = await fetch(`${apiUrl}/token`, {
    method: 'POST',
    headers: { ...key, authorization: `Basic ${basic}` },
    body: JSON.stringify({ marketplace: account.marketplace }),
  });
  const { token } = (await signIn.json()) as { token: string };
  const headers = { ...key, authorization: `Bearer ${token}` };
  const answer = await fetch(`${apiUrl}/products?limit=500`, { headers });
  return ((await answer.json()) as { data: Untyped[] }).data;
}

const purchase = (seats: number) => ({
  kind: 'create',
  providerAccountId: accountId,
  partNumber: 'INGRAM:MICROSOFT:CFQ7TTC0LCHC:0002',
  billingPeriod: 'P1M',
  term: 'P1Y',
  seats,
  parameters: [{ name: 'microsoft_domain', value: `buyer${fresh[0].cmpAccountId}.onmicrosoft.com` }],
});
const ledgerOf = async (marker: string) =>
  (await platform.simulator.control.ledger()).filter(({ poNumber }) => poNumber === marker);
const settled = async (id: string) => {
  const order = await time.hurry(orderEnded(user, id));
  expect(order).toMatchObject({ status: 'settled', reason: null });
  expect(await ledgerOf(order.marker)).toHaveLength(1);
  return order;
};

// First of all, while nothing is ordered that anybody would look after.
describe('what is not supported', () => {
  const of = (test: (subscription: Untyped) => boolean): string => agreed.find(test).id;
  const legacy = ({ lines, status }: Untyped) =>
    status === 'active' && /^[0-9a-f]{8}-/.test(lines[0]?.mpn ?? '');
  const bought = (partNumber: string) => ({ ...purchase(3), partNumber, parameters: [] });

  it.each([
    [
      'legacy-update-not-supported',
      () => ({ kind: 'change-quantity', subscriptionId: of(legacy), seats: 777 }),
    ],
    ['trial-not-supported', () => bought(trial)],
    ['trial-not-supported', () => ({ ...bought(legacyTrial) })],
    ['azure-not-supported', () => bought(azure)],
    ['upgrade-not-supported', () => ({ kind: 'upgrade', subscriptionId: fresh[0].id })],
    ['migration-not-supported', () => ({ kind: 'migrate', subscriptionId: of(legacy) })],
    ['decrease-outside-window', () => ({ ...oneMore(old()), seats: 1 })],
  ])('is refused as %s, and CMP hears nothing of it', async (code, command) => {
    const before = (await platform.simulator.control.requests()).length;
    const calls = async () =>
      (await platform.simulator.control.requests())
        .slice(before)
        .filter(({ path }) => /^\/(orders|validation|subscriptions\/)/.test(path));
    const { status, body } = await place(user, command());
    expect({ status, type: body.type }).toEqual({ status: 422, type: `urn:isthmus:problem:order.${code}` });
    expect(body.nextStep).toEqual(expect.any(String));
    expect(await calls()).toEqual([]);
  });

  /** Bought long ago, so that no seat can be given back. */
  const old = () =>
    agreed.find(
      (one) =>
        isNce(one) &&
        one.status === 'active' &&
        one.lines[0].quantity > 1 &&
        one.seatLots !== null &&
        one.seatLots.every(({ addedAt }: Untyped) => Date.parse(addedAt) < Date.now() - 8 * 86_400_000),
    );
});

it('buys what a part number resolves to: five equal commands with one key are one, with five keys five, one after the other', async () => {
  const key = randomUUID();
  const equal = await Promise.all(Array.from({ length: 5 }, () => place(user, purchase(3), key)));
  expect(equal.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  expect(new Set(equal.map(({ body }) => body.id)).size).toBe(1);

  const genuine = await Promise.all(Array.from({ length: 5 }, () => place(user, purchase(3))));
  const ids = [equal[0]!, ...genuine].map(({ body }) => body.id as string);
  const orders = await Promise.all(ids.map(settled));
  expect(new Set(orders.map(({ cmpSubscriptionId }) => cmpSubscriptionId)).size).toBe(6);
  const inTurns = orders
    .map(({ history }) => [stepAt(history, 'sending'), stepAt(history, 'settled')] as const)
    .sort(([a], [b]) => a - b);
  for (const [index, [sending]] of inTurns.entries())
    if (index > 0) expect(sending).toBeGreaterThanOrEqual(inTurns[index - 1]![1]);
});

const stepAt = (history: Untyped[], status: string): number =>
  Date.parse(history.find((step) => step.status === status).at);

it('makes one order of fifty equal commands at once, and refuses their key for another', async () => {
  const subscription = fresh.pop();
  const key = randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => place(user, oneMore(subscription), key)),
  );
  expect(answers.every(({ status }) => status === 202 || status === 409)).toBe(true);
  const ids = new Set(answers.flatMap(({ status, body }) => (status === 202 ? [body.id] : [])));
  expect(ids.size).toBe(1);
  const seats = subscription.lines[0].quantity + 2;
  expect((await place(user, { ...oneMore(subscription), seats }, key)).status).toBe(422);
  await settled([...ids][0]);
});

it('does not believe CMP that an order is completed while its seats have not moved', async () => {
  await platform.simulator.control.fault({
    kind: 'completed-not-effective',
    match: { method: 'POST', path: '^/orders$' },
  });
  const id = await placed(user, oneMore(fresh.pop()));
  const order = await time.hurry(orderEnded(user, id));
  expect(order).toMatchObject({ status: 'completed-not-effective', cmpStatus: 'completed' });
  expect(order.history.map(({ status }: Untyped) => status)).not.toContain('settled');
  expect(await ledgerOf(order.marker)).toMatchObject([{ status: 'completed' }]);
  const told = await eventually(() =>
    probe.of('subscription-lifecycle.order-escalated.v1').find(({ aggregateId }) => aggregateId === id),
  );
  expect(told.data).toMatchObject({ reason: { code: 'no-effect' } });
});

it('runs one trace from the command through the calls to CMP to the events it leads to', async () => {
  const traceId = randomUUID().replaceAll('-', '');
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  const { body } = await place(user, oneMore(fresh.pop()), randomUUID(), headers);
  await settled(body.id);
  const events = await eventually(() => {
    const ofOrder = probe.events.filter(({ aggregateId }) => aggregateId === body.id);
    return ofOrder.length >= 2 && ofOrder;
  });
  expect(events.map(({ type, traceparent }) => [type, traceparent.split('-')[1]])).toEqual([
    ['subscription-lifecycle.order-placed.v1', traceId],
    ['subscription-lifecycle.order-settled.v1', traceId],
  ]);
  const inTrace = () => sink.spans.filter((span) => span.traceId === traceId);
  const has = (pattern: RegExp, times = 1) =>
    eventually(() => inTrace().filter(({ name }) => pattern.test(name)).length >= times);
  await has(/^POST \/v1\/orders$/);
  await has(/^order change-quantity /, 2);
  await has(/^connector-config\/open-connector$/);
  await has(/^POST$/);
  await has(/^GET$/, 3);
  await eventually(() => inTrace().some(({ service }) => service.startsWith('connector-config')));
});

it('accepts orders while NATS is away, and carries them out when it is back', async () => {
  const { port } = platform.nats;
  await platform.nats.stop('SIGKILL');
  const { status, body } = await place(user, oneMore(fresh.pop()));
  expect(status).toBe(202);
  await eventually(async () => (await readOrder(user, body.id)).reason !== null);
  expect(await readOrder(user, body.id)).toMatchObject({ status: 'planned', attempts: 0 });
  const again = await startNats({ port });
  try {
    await settled(body.id);
  } finally {
    await again.stop();
  }
});
