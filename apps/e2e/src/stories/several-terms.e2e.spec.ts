import { eventually } from '@isthmus/testing';
import { syncCatalogue, syncEverything } from '../platform/acts.ts';
import type { Untyped } from '../platform/http-client.ts';
import { type Platform, type PlatformClients, startPlatform } from '../platform/start-platform.ts';

let platform: Platform;
let user: PlatformClients;
let connectorId: string;
let key: string;
let customer: Untyped;
const copilot = 'CFQ7TTC0MM8R:0002';
const plain = `INGRAM:MICROSOFT:${copilot}`;
/** Term and billing period. */
const ways = ['P1M:P1M', 'P1Y:P1M', 'P1Y:P1Y', 'P3Y:P1M', 'P3Y:P3Y'];
const monthly = 1;
const annual = 2;

beforeAll(async () => {
  platform = await startPlatform({
    catalog: true,
    lifecycle: true,
    restProvider: true,
    simulator: { orderDelaySeconds: 0.3 },
    env: { ORDER_POLL_MS: '100', FOLLOW_MS: '500', API_KEY_CACHE_MS: '0' },
  });
  user = await platform.as();
  connectorId = await syncEverything(platform, user);
  await syncCatalogue(user, connectorId);
  const issued = await user.connectors.post(`/v1/connectors/${connectorId}/api-keys`, { label: 'Work 365' });
  ({ key } = issued.body);
  customer = (await ok('GET', '/customers')).find(({ domain }: Untyped) => domain);
});
afterAll(() => platform?.stop());

interface Answer {
  status: number;
  body: Untyped;
}

/** An unmodified Work 365: it knows the address, the key and the contract. */
async function work365(method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(platform.restProvider!.url + path, {
    method,
    headers: {
      'work-365-rest-provider-api-key': key,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined };
}
async function ok(method: string, path: string, body?: object): Promise<Untyped> {
  const answer = await work365(method, path, body);
  if (answer.status !== 200)
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}
const buy = (partNumber: string, provisioningFrequency: number | null, quantity = 1) =>
  work365('POST', '/subscriptions', {
    partNumber,
    quantity,
    provisioningFrequency,
    customer: { id: customer.id },
  });
/** What CMP was ordered since the last call, in the words of its own ledger. */
const seen = new Set<string>();
async function ordered(): Promise<string[]> {
  const entries = await platform.simulator.control.ledger();
  const fresh = entries.filter(({ orderId }) => !seen.has(orderId));
  fresh.forEach(({ orderId }) => seen.add(orderId));
  return fresh.map(({ type, lines }) =>
    [type, ...lines.map((line) => `${line.quantity} ${line.mpn} ${line.term} ${line.billingPeriod}`)].join(
      ' ',
    ),
  );
}
/** CMP confirms within moments, and a write answers as it is confirmed. */
const changed = (id: string, quantity: number) =>
  eventually(
    async () => {
      const { status, body } = await work365('PATCH', '/subscriptions', { id, quantity });
      return status === 200 && body;
    },
    { everyMs: 500 },
  );

it('cannot buy a product sold in five terms by its plain part number, and is told what would help', async () => {
  const refused = await buy(plain, monthly);
  expect(refused).toMatchObject({
    status: 422,
    body: {
      type: expect.stringContaining('part-number-not-resolved'),
      detail: expect.stringContaining('term P1Y billed every P1M'),
      nextStep: expect.stringMatching(
        /alias of the intended product.*termOfFrequency\.monthly of the connector/,
      ),
    },
  });
  expect(await ordered()).toEqual([]);
});

it('finds each term in the price list once an operator has named them, and buys the one it means', async () => {
  const path = '/v1/part-numbers/aliases';
  // While the events of the sync are on their way, what was previewed is not what would be created: then look again.
  const created = await eventually(
    async () => {
      const { body: preview } = await user.catalog.post(`${path}/preview`, { connectorId });
      if (preview.subscriptions < 50) return false;
      const { status, body } = await user.catalog.post(
        path,
        { connectorId, fingerprint: preview.fingerprint },
        { 'idempotency-key': crypto.randomUUID() },
      );
      return status === 200 && { preview, body };
    },
    { everyMs: 500 },
  );
  expect(created.body).toEqual({ ...created.preview, created: true });
  expect(created.body.rows.filter(({ mpn }: Untyped) => mpn === copilot)).toHaveLength(ways.length);

  const prices: Untyped[] = await ok('GET', '/pricelists/US/licensebased/current');
  const own = prices.filter(({ productId, skuId }) => `${productId}:${skuId}` === copilot);
  expect(new Set(own.map(({ name }) => name))).toEqual(new Set(ways.map((way) => `${plain}:${way}`)));
  expect(own).toHaveLength(ways.length);
  const meant = own.find(({ termDuration, billingPlan }) => termDuration === 'P3Y' && billingPlan === 'P1M');
  const alias = meant.name;

  const wrong = await buy(alias, annual);
  expect(wrong.status).toBe(422);
  expect(wrong.body.detail).toContain(alias);
  expect(wrong.body.detail).toMatch(/billed every P1M .* provisioningFrequency is Annual \(P1Y\)/);
  expect(await ordered()).toEqual([]);

  const bought = await buy(alias, monthly, 5);
  expect(bought).toMatchObject({ status: 200, body: { partNumber: alias, quantity: 5, status: 1 } });
  const { id } = bought.body;
  expect(await changed(id, 8)).toMatchObject({ partNumber: alias, quantity: 8 });
  expect(await changed(id, 6)).toMatchObject({ partNumber: alias, quantity: 6, provisioningFrequency: 1 });
  const list = `/customers/${customer.id}/subscriptions`;
  expect((await ok('GET', list)).filter((one: Untyped) => one.id === id)).toMatchObject([
    { partNumber: alias, quantity: 6, status: 1, pricing: { price: meant.unitPrice } },
  ]);
  expect(
    await eventually(async () => (await work365('DELETE', `/subscriptions/${id}/cancel`)).body === true),
  ).toBe(true);
  expect(await ok('GET', `${list}/${id}`)).toMatchObject({ partNumber: alias, status: 3 });
  expect(await ordered()).toEqual([
    `sales 5 ${copilot} P3Y P1M`,
    `change 3 ${copilot} P3Y P1M`,
    `change -2 ${copilot} P3Y P1M`,
    'cancellation',
  ]);
});

it('buys every other term as well, each as the ledger shows it', async () => {
  for (const way of ways.filter((one) => one !== 'P3Y:P1M'))
    expect(await buy(`${plain}:${way}`, null)).toMatchObject({
      status: 200,
      body: { partNumber: `${plain}:${way}` },
    });
  expect(await ordered()).toEqual(
    ways.filter((one) => one !== 'P3Y:P1M').map((way) => `sales 1 ${copilot} ${way.replace(':', ' ')}`),
  );
});

it('reads what was there before by the alias of its term', async () => {
  const { body } = await user.subscriptions.get('/v1/subscriptions?status=active&limit=200');
  const nce = body.data.filter(({ lines }: Untyped) => lines.length === 1 && /^CFQ7TTC0/.test(lines[0].mpn));
  const some = nce.filter(({ lines }: Untyped) => lines[0].mpn !== copilot).slice(0, 5);
  expect(some).toHaveLength(5);
  for (const { id, providerAccountId, lines, term, billingPeriod } of some)
    expect(await ok('GET', `/customers/${providerAccountId}/subscriptions/${id}`)).toMatchObject({
      partNumber: `INGRAM:MICROSOFT:${lines[0].mpn}:${term}:${billingPeriod}`,
    });
});

it('buys by frequency alone in the term that the connector says it stands for', async () => {
  const path = `/v1/connectors/${connectorId}`;
  const { headers } = await user.connectors.get(path);
  const set = await user.connectors.send(
    'PATCH',
    path,
    { termOfFrequency: { monthly: 'P1Y', annual: 'P1Y' } },
    { 'if-match': headers.get('etag')! },
  );
  expect(set).toMatchObject({ status: 200, body: { termOfFrequency: { monthly: 'P1Y', annual: 'P1Y' } } });
  const bought = await buy(plain, monthly, 2);
  expect(bought).toMatchObject({ status: 200, body: { partNumber: plain, quantity: 2, status: 1 } });
  const { id } = bought.body;
  expect(await changed(id, 3)).toMatchObject({ partNumber: plain, quantity: 3 });
  expect(await buy(plain, annual, 2)).toMatchObject({ status: 200, body: { partNumber: plain } });
  // An alias means its own term, whatever the setting says.
  expect(await buy(`${plain}:P3Y:P1M`, monthly, 2)).toMatchObject({ status: 200 });
  expect(await ordered()).toEqual([
    `sales 2 ${copilot} P1Y P1M`,
    `change 1 ${copilot} P1Y P1M`,
    `sales 2 ${copilot} P1Y P1Y`,
    `sales 2 ${copilot} P3Y P1M`,
  ]);
});

it.each([
  ['a trial', 'INGRAM:MICROSOFT:CFQ7TTC0LCHC:0001', 'trial-not-supported'],
  ['an Azure plan', 'INGRAM:MICROSOFT:DZH318Z0BPS6:0001', 'azure-not-supported'],
])('is refused %s', async (_, partNumber, code) => {
  const refused = await buy(partNumber, monthly);
  expect(refused).toMatchObject({ status: 422, body: { type: expect.stringContaining(code) } });
  expect(await ordered()).toEqual([]);
});
