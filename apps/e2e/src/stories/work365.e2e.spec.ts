import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@isthmus/testing';
import { connectorFields, createConnector, sync } from '../platform/acts.ts';
import type { Untyped } from '../platform/http-client.ts';
import { startPlatform, type Platform } from '../platform/start-platform.ts';

let platform: Platform;
let key: string;
const partNumber = 'INGRAM:MICROSOFT:CFQ7TTC0LF8Q:0001_ANNUAL';
/** How long rest-provider remembers a key: the longest that can be set. */
const rememberedMs = 30_000;

beforeAll(async () => {
  platform = await startPlatform({
    catalog: true,
    lifecycle: true,
    restProvider: true,
    simulator: { orderDelaySeconds: 0.3 },
    env: { ORDER_POLL_MS: '100', FOLLOW_MS: '500', API_KEY_CACHE_MS: String(rememberedMs) },
  });
  const user = await platform.as();
  const { id: connectorId } = await createConnector(user, connectorFields(platform));
  await sync(user.accounts, { connectorId, scope: 'accounts' });
  const run = await sync(user.accounts, { connectorId, scope: 'subscriptions', depth: 'full' });
  expect(run.status).toBe('succeeded');
  const started = await eventually(async () => {
    const { status, body } = await user.catalog.post(
      '/v1/catalog-syncs',
      { connectorId },
      { 'idempotency-key': crypto.randomUUID() },
    );
    return status === 202 ? body : undefined;
  });
  await eventually(
    async () => (await user.catalog.get(`/v1/catalog-syncs/${started.id}`)).body.status === 'succeeded',
  );
  const issued = await user.connectors.post(`/v1/connectors/${connectorId}/api-keys`, { label: 'Work 365' });
  ({ key } = issued.body);
});
afterAll(() => platform?.stop());

/** An unmodified Work 365: it knows the address, the key and the contract. */
async function work365(method: string, path: string, body?: object): Promise<Untyped> {
  const response = await fetch(platform.restProvider!.url + path, {
    method,
    headers: {
      'work-365-rest-provider-api-key': key,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw Object.assign(new Error(`${method} ${path}: ${text}`), { status: response.status });
  return text ? JSON.parse(text) : undefined;
}
/** As its jobs do: five at once, and once more when all is over. */
async function repeatedly(method: string, path: string, body?: object): Promise<Untyped[]> {
  const send = () => eventually(() => work365(method, path, body), { everyMs: 500 });
  const answers = await Promise.all(Array.from({ length: 5 }, send));
  return [...answers, await send()];
}
const ledger = async () => platform.simulator.control.ledger();

it('buys, raises, lowers and cancels, each sent six times and each ordered once', async () => {
  const before = new Set((await ledger()).map(({ orderId }) => orderId));
  const customers: Untyped[] = await work365('GET', '/customers');
  const customer = customers.find(({ domain }) => domain);
  expect(customer).toMatchObject({ id: expect.any(String), defaultAddress: { country: 'US' } });
  // The events of the sync may still be on their way.
  const listed = await eventually(async () => {
    const found: Untyped[] = await work365('GET', `/customers/${customer.id}/subscriptions`);
    const active = found.filter(({ status }) => status === 1);
    return active.some(({ quantity }) => quantity !== null) ? active : undefined;
  });
  expect(listed.find(({ quantity }) => quantity !== null).partNumber).toMatch(/^INGRAM:/);

  const purchase = {
    PartNumber: partNumber,
    Quantity: 5,
    ProvisioningFrequency: 'Annual',
    FriendlyName: 'Sales team',
    Customer: { Id: customer.id },
  };
  const bought = await repeatedly('POST', '/subscriptions', purchase);
  const [{ id }] = bought;
  expect(new Set(bought.map((one) => one.id))).toEqual(new Set([id]));
  expect(bought.at(-1)).toMatchObject({ quantity: 5, status: 1, partNumber, friendlyName: 'Sales team' });

  const raised = await repeatedly('PATCH', '/subscriptions', { id, quantity: 8 });
  expect(new Set(raised.map(({ quantity }) => quantity))).toEqual(new Set([8]));
  const lowered = await repeatedly('PATCH', '/subscriptions', { id, quantity: 6 });
  expect(new Set(lowered.map(({ quantity }) => quantity))).toEqual(new Set([6]));
  await expect(work365('PATCH', '/subscriptions', { id, quantity: 8 })).rejects.toMatchObject({
    status: 409,
  });
  const path = `/customers/${customer.id}/subscriptions`;
  expect(await work365('GET', `${path}/${id}`)).toMatchObject({ quantity: 6, friendlyName: 'Sales team' });

  const cancelled = await repeatedly('DELETE', `/subscriptions/${id}/cancel`);
  expect(cancelled).toEqual(Array(6).fill(true));
  expect(await work365('GET', `${path}/${id}`)).toMatchObject({ id, status: 3 });
  const all: Untyped[] = await work365('GET', path);
  expect(all.filter((one) => one.id === id)).toHaveLength(1);

  // A job of Work 365 that tries once more, long after: nothing is bought or raised again.
  const late = { status: 409, message: expect.stringContaining('late-repetition') };
  await expect(work365('POST', '/subscriptions', purchase)).rejects.toMatchObject(late);
  await expect(work365('PATCH', '/subscriptions', { id, quantity: 8 })).rejects.toMatchObject(late);

  const ordered = (await ledger()).filter((order) => !before.has(order.orderId));
  expect(ordered.map(({ type }) => type)).toEqual(['sales', 'change', 'change', 'cancellation']);
});

it('is told why something cannot be ordered, and nothing is', async () => {
  const before = await ledger();
  const [customer] = await work365('GET', '/customers');
  const purchase = (more: object) => ({ partNumber, quantity: 1, customer: { id: customer.id }, ...more });
  for (const [body, status, words] of [
    [purchase({ partNumber: 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001' }), 422, 'map the part number'],
    [purchase({ quantity: 1.5 }), 400, 'whole number'],
    [purchase({ provisioningFrequency: 'None' }), 422, 'trial'],
  ] as const)
    await expect(work365('POST', '/subscriptions', body)).rejects.toMatchObject({
      status,
      message: expect.stringContaining(words),
    });
  const closed = { id: await boughtLongAgo(), quantity: 1 };
  await expect(work365('PATCH', '/subscriptions', closed)).rejects.toMatchObject({
    status: 422,
    message: expect.stringMatching(/decrease-outside-window.*within 168 hours.*for the renewal/s),
  });
  expect(await ledger()).toEqual(before);
});

it('gets 409 for a purchase of 250 seats until a person has approved it, and then the one that was ordered', async () => {
  const before = await ledger();
  const customers: Untyped[] = await work365('GET', '/customers');
  const customer = customers.find(({ domain }) => domain);
  const purchase = {
    PartNumber: partNumber,
    Quantity: 250,
    ProvisioningFrequency: 'Annual',
    FriendlyName: 'Everybody',
    Customer: { Id: customer.id },
  };
  const send = () => work365('POST', '/subscriptions', purchase);
  const waits = { status: 409, message: expect.stringContaining('awaiting-approval') };
  const sent = Array.from({ length: 5 }, () => expect(send()).rejects.toMatchObject(waits));
  await Promise.all(sent);
  const user = await platform.as();
  const { body: waiting } = await user.subscriptions.get('/v1/orders?status=awaiting-approval');
  expect(waiting.data).toMatchObject([{ kind: 'create', seats: 250, attempts: 0 }]);
  await expect(send()).rejects.toMatchObject(waits);
  expect(await ledger()).toEqual(before);

  // CMP does not take it yet: it is approved, and not placed.
  const { control } = platform.simulator;
  await control.fault({ kind: 'hold', times: null, match: { method: 'POST', path: '^/orders$' } });
  const [{ id, approval }] = waiting.data;
  const { status } = await user.subscriptions.post(`/v1/orders/${id}/approve`, { hash: approval.hash });
  expect(status).toBe(202);
  await eventually(async () => (await control.faults()).some(({ applied }) => applied > 0));
  const placing = { answered: false };
  const answer = work365('POST', '/subscriptions', purchase).then(
    () => (placing.answered = true),
    () => undefined,
  );
  await sleep(1_000);
  expect([placing.answered, await ledger()]).toEqual([false, before]);
  await control.clearFaults();
  await answer;
  const bought = await repeatedly('POST', '/subscriptions', purchase);
  expect(new Set(bought.map((one) => one.id)).size).toBe(1);
  expect(bought.at(-1)).toMatchObject({ quantity: 250, status: 1, friendlyName: 'Everybody' });
  expect((await ledger()).length).toBe(before.length + 1);
});

/** A subscription none of whose seats can be given back any more. */
async function boughtLongAgo(): Promise<string> {
  const user = await platform.as();
  const { body } = await user.subscriptions.get('/v1/subscriptions?status=active&limit=200');
  const old = ({ addedAt }: Untyped) => Date.parse(addedAt) < Date.now() - 8 * 86_400_000;
  return body.data.find(
    ({ lines, seatLots }: Untyped) =>
      lines.length === 1 && /^CFQ7TTC0/.test(lines[0].mpn) && lines[0].quantity > 3 && seatLots?.every(old),
  ).id;
}

it('finds its key refused within moments of being revoked', async () => {
  const user = await platform.as();
  const { body: connectors } = await user.connectors.get('/v1/connectors');
  const path = `/v1/connectors/${connectors.data[0].id}/api-keys`;
  const { body: keys } = await user.connectors.get(path);
  // It is remembered from now on, and nothing but the event of its revocation makes rest-provider forget it in time.
  await work365('GET', '/customers');
  const { status } = await user.connectors.send('DELETE', `${path}/${keys.data[0].id}`);
  const revokedAt = performance.now();
  expect(status).toBe(204);
  const refused = async () =>
    work365('GET', '/customers').then(
      () => undefined,
      (error: Untyped) => error,
    );
  const error = await eventually(refused, { everyMs: 20 });
  expect(performance.now() - revokedAt).toBeLessThan(rememberedMs / 2);
  expect(error).toMatchObject({ status: 403, message: expect.stringContaining('Invalid client!') });
});
