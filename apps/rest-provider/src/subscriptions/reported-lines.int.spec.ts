import { randomUUID } from 'node:crypto';
import type { AgreedSubscriptionV1, ProviderAccountV1 } from '@isthmus/contracts';
import {
  codeOf,
  type Json,
  type RunningProvider,
  runRestProvider,
  type Work365,
} from '../../test/rest-provider.fixture.ts';

let provider: RunningProvider;
let client: Work365;
let account: ProviderAccountV1;
let subscription: AgreedSubscriptionV1;
beforeAll(async () => {
  provider = await runRestProvider();
});
afterAll(() => provider?.stop());

const backup = {
  mpn: 'CYBER-PROTECT',
  vendor: 'ACRONIS',
  productId: 'PRD7',
  name: 'Cyber Protect',
  quantity: 30,
  unitCost: { amount: '10.63', currency: 'USD' },
};
const storage = {
  ...backup,
  mpn: 'CYBER-STORAGE',
  productId: 'PRD8',
  name: 'Cloud Storage',
  quantity: 12,
  unitCost: { amount: '1.70', currency: 'USD' },
};
beforeEach(() => {
  client = provider.client();
  account = provider.world.account(client.tenantId, client.connectorId);
  subscription = provider.world.subscription(account, { lines: [{ ...backup }, { ...storage }] });
  Object.assign(provider.world, { ordered: [], outcome: 'settled' });
});

const list = async (): Promise<Json[]> =>
  (await client.call('GET', `/customers/${account.providerAccountId}/subscriptions`)).body;
const byPartNumber = async () => Object.fromEntries((await list()).map((one) => [one.partNumber, one]));
const [first, second] = ['INGRAM:ACRONIS:CYBER-PROTECT', 'INGRAM:ACRONIS:CYBER-STORAGE'] as const;

it('reports every product line, each under an id that stays, in whichever order CMP lists them', async () => {
  const before = await byPartNumber();
  expect(before[first]).toMatchObject({
    id: subscription.subscriptionId,
    quantity: 30,
    pricing: { price: 10.63 },
  });
  expect(before[second]).toMatchObject({ name: 'Cloud Storage', quantity: 12, pricing: { price: 1.7 } });
  expect(before[second].id.length).toBeLessThanOrEqual(50);
  subscription.lines.reverse();
  expect(await byPartNumber()).toEqual(before);
  const path = `/customers/${account.providerAccountId}/subscriptions/${before[second].id}`;
  expect((await client.call('GET', path)).body).toEqual(before[second]);
});

it('keeps the id that a client knows when a line is added in front of its own', async () => {
  subscription.lines = [{ ...storage }];
  expect((await list()).map(({ id }) => id)).toEqual([subscription.subscriptionId]);
  subscription.lines = [{ ...backup }, { ...storage }];
  expect((await byPartNumber())[second].id).toBe(subscription.subscriptionId);
});

it('shows a line that CMP no longer has as cancelled, and refuses to change it', async () => {
  const { id } = (await byPartNumber())[second];
  subscription.lines = [{ ...backup }];
  expect((await byPartNumber())[second]).toMatchObject({ id, status: 3, quantity: 0, pricing: null });
  const refused = await client.call('PATCH', '/subscriptions', { id, quantity: 3 });
  expect([refused.status, codeOf(refused)]).toEqual([409, 'subscription.line-gone']);
  expect(provider.world.ordered).toEqual([]);
});

it('changes the seats of the line that is meant, and takes equal totals of two lines for two changes', async () => {
  const ids = await byPartNumber();
  for (const partNumber of [second, first]) {
    const { body } = await client.call('PATCH', '/subscriptions', { id: ids[partNumber].id, quantity: 20 });
    expect(body).toMatchObject({ id: ids[partNumber].id, partNumber, quantity: 20 });
  }
  expect(provider.world.ordered.map(({ mpn, seats }) => [mpn, seats])).toEqual([
    ['CYBER-STORAGE', 20],
    ['CYBER-PROTECT', 20],
  ]);
});

it('names the product of a line whose mpn another line has too', async () => {
  subscription.lines = [
    { ...backup },
    { ...backup, productId: 'PRD9', name: 'Cyber Protect, 3 years', quantity: 5 },
  ];
  const { id } = (await list()).find(({ quantity }) => quantity === 5)!;
  await client.call('PATCH', '/subscriptions', { id, quantity: 6 });
  expect(provider.world.ordered).toMatchObject([{ mpn: 'CYBER-PROTECT', cmpProductId: 'PRD9', seats: 6 }]);
});

it('does not take the change of one line for a contradiction of another’s that is under way', async () => {
  const ids = await byPartNumber();
  provider.world.outcome = 'running';
  await client.call('PATCH', '/subscriptions', { id: ids[second].id, quantity: 20 });
  expect((await client.call('PATCH', '/subscriptions', { id: ids[first].id, quantity: 30 })).status).toBe(
    200,
  );
  const crossing = await client.call('PATCH', '/subscriptions', { id: ids[second].id, quantity: 12 });
  expect(codeOf(crossing)).toBe('subscription.change-under-way');
});

it.each([
  ['DELETE', (id: string) => `/subscriptions/${id}/cancel`, undefined],
  ['PATCH', (id: string) => `/subscriptions/${id}/expire`, undefined],
  ['PATCH', () => '/subscriptions', { autoRenew: false }],
] as const)('refuses %s of a line while others are live, and names them', async (method, path, body) => {
  for (const [partNumber, other] of [
    [first, 'Cloud Storage (12 seats)'],
    [second, 'Cyber Protect (30 seats)'],
  ] as const) {
    const { id } = (await byPartNumber())[partNumber];
    const refused = await client.call(method, path(id), body && { id, ...body });
    expect([refused.status, codeOf(refused)]).toEqual([409, 'subscription.other-lines-affected']);
    expect(refused.body.detail).toContain(other);
  }
  expect(provider.world.ordered).toEqual([]);
});

it('cancels a line whose others have gone, and one of a subscription that is over already', async () => {
  const { id } = (await byPartNumber())[second];
  subscription.lines = [{ ...storage }];
  await list();
  expect((await client.call('DELETE', `/subscriptions/${id}/cancel`)).body).toBe(true);
  expect(provider.world.ordered).toMatchObject([
    { kind: 'cancel', subscriptionId: subscription.subscriptionId },
  ]);
});

it('keeps a friendly name for each line', async () => {
  const ids = await byPartNumber();
  await client.call('PATCH', '/subscriptions', { id: ids[first].id, friendlyName: 'Servers' });
  // The name of another line is as good as any, and the answer has it already.
  for (const friendlyName of ['Servers', 'Archive']) {
    const { body } = await client.call('PATCH', '/subscriptions', { id: ids[second].id, friendlyName });
    expect(body).toMatchObject({ id: ids[second].id, friendlyName });
    expect((await byPartNumber())[second].friendlyName).toBe(friendlyName);
  }
  const after = await byPartNumber();
  expect([after[first].friendlyName, after[second].friendlyName]).toEqual(['Servers', 'Archive']);
});

it('gives an invoice line the id of the product line it is about', async () => {
  const ids = await byPartNumber();
  subscription.lines.push({ ...storage, productId: 'PRD9', quantity: 3 });
  const twin = (await list()).find(({ quantity }) => quantity === 3)!;
  const invoiceId = randomUUID();
  const { connectorId } = client;
  const stamp = '2026-11-01T00:00:00Z';
  provider.world.invoices.push({
    invoiceId,
    connectorId,
    number: 'INV-1',
    currency: 'USD',
    lineTotal: '20.40',
    balance: 'balanced',
    lines: 1,
    unmatchedLines: 0,
    version: 1,
    createdAt: stamp,
    changedAt: stamp,
  });
  provider.world.lines.push({
    lineId: randomUUID(),
    invoiceId,
    kind: 'licence',
    customerName: 'Fabrikam',
    providerSubscriptionId: subscription.subscriptionId,
    mpn: 'CYBER-STORAGE',
    cmpProductId: 'PRD8',
    description: 'Cloud Storage',
    chargeType: 'Recurring',
    quantity: '12',
    total: '20.40',
    currency: 'USD',
  });
  const [told] = provider.world.lines.slice(-1);
  provider.world.lines.push(
    { ...told!, lineId: randomUUID(), cmpProductId: 'PRD9' },
    { ...told!, lineId: randomUUID(), cmpProductId: undefined },
    { ...told!, lineId: randomUUID(), cmpProductId: undefined, mpn: 'CYBER-PROTECT' },
  );
  const { body } = await client.call('GET', `/invoices/${invoiceId}/licensesummary`);
  // By the mpn alone nobody can tell which of the two it is about: then it is the subscription.
  expect(body.map((one: Json) => one.subscription.id)).toEqual([
    ids[second].id,
    twin.id,
    subscription.subscriptionId,
    subscription.subscriptionId,
  ]);
  expect(body.slice(0, 1)).toMatchObject([
    { subscription: { id: ids[second].id }, unitPrice: 1.7, quantity: 12, tax: 0, discount: 0, total: 20.4 },
  ]);
});

it('sees only lines of its own tenant', async () => {
  const { id } = (await byPartNumber())[second];
  const stranger = provider.client();
  const theirs = provider.world.account(stranger.tenantId, stranger.connectorId);
  const path = `/customers/${theirs.providerAccountId}/subscriptions/${id}`;
  expect((await stranger.call('GET', path)).status).toBe(404);
  const refused = await stranger.call('PATCH', '/subscriptions', { id, quantity: 1 });
  expect(codeOf(refused)).toBe('subscription.not-found');
});

it('writes nothing when what it reports is known', async () => {
  await list();
  const xmin = async () =>
    (
      await provider.pool.query(
        'select entry_id, xmin::text from reported_lines where tenant_id = $1 order by entry_id',
        [client.tenantId],
      )
    ).rows;
  const before = await xmin();
  await list();
  expect(before).toHaveLength(2);
  expect(await xmin()).toEqual(before);
});
