import { randomUUID } from 'node:crypto';
import { eventually } from '@isthmus/testing';
import { connectorFields, runEnded } from '../platform/acts.ts';
import type { HttpClient, Untyped } from '../platform/http-client.ts';
import { startPlatform, type Platform, type PlatformClients } from '../platform/start-platform.ts';

let platform: Platform;
let user: PlatformClients;
beforeAll(async () => {
  platform = await startPlatform({
    catalog: true,
    lifecycle: true,
    restProvider: true,
    // Orders stay at CMP for longer than the story takes.
    simulator: { world: { customers: 6, subscriptions: 40 }, orderDelaySeconds: 3_600 },
    env: { ORDER_POLL_MS: '100', API_KEY_CACHE_MS: '30000' },
  });
  user = await platform.as();
});
afterAll(() => platform?.stop());

/** No second try: what was just created can be used at once. */
const started = async (client: HttpClient, path: string, body: object): Promise<string> => {
  const answer = await client.post(path, body, { 'idempotency-key': randomUUID() });
  expect([path, answer.status]).toEqual([path, 202]);
  return answer.body.id;
};
const synced = async (connectorId: string) => {
  const accounts = await started(user.accounts, '/v1/sync-runs', { connectorId, scope: 'accounts' });
  const catalogue = await started(user.catalog, '/v1/catalog-syncs', { connectorId });
  expect((await runEnded(user.accounts, accounts)).status).toBe('succeeded');
  const full = { connectorId, scope: 'subscriptions', depth: 'full' };
  const subscriptions = await started(user.accounts, '/v1/sync-runs', full);
  expect((await runEnded(user.accounts, subscriptions)).status).toBe('succeeded');
  await eventually(
    async () => (await user.catalog.get(`/v1/catalog-syncs/${catalogue}`)).body.status === 'succeeded',
  );
};
const all = async (client: HttpClient, path: string): Promise<Untyped[]> => {
  const { status, body } = await client.get(`${path}${path.includes('?') ? '&' : '?'}limit=200`);
  expect([path, status]).toEqual([path, 200]);
  return body.data;
};
const ids = (rows: Untyped[]) => rows.map(({ id }) => String(id)).sort();
/** A Work 365 with a key of the connector. */
const work365 = async (connectorId: string) => {
  const issued = await user.connectors.post(`/v1/connectors/${connectorId}/api-keys`, { label: 'Work 365' });
  expect(issued.status).toBe(201);
  return async (path: string) => {
    const headers = { 'work-365-rest-provider-api-key': issued.body.key };
    const response = await fetch(platform.restProvider!.url + path, { headers });
    return { status: response.status, body: (await response.json()) as Untyped };
  };
};
/** What each service, and Work 365, know of the connector's accounts and live subscriptions. */
const picture = async (call: Awaited<ReturnType<typeof work365>>, connectorId: string) => {
  const here = `connectorId=${connectorId}`;
  const customers = (await call('/customers')).body as Untyped[];
  const reported = await Promise.all(customers.map(({ id }) => call(`/customers/${id}/subscriptions`)));
  const live = (await all(user.accounts, `/v1/provider-subscriptions?${here}&status=active`)).filter(
    ({ quantity }) => quantity !== null,
  );
  const agreed = await all(user.subscriptions, '/v1/subscriptions?status=active');
  return {
    accounts: ids(await all(user.accounts, `/v1/provider-accounts?${here}`)),
    providerSubscriptions: ids(live),
    agreed: ids(agreed),
    onContracts: agreed
      .filter(({ billingContractId }) => billingContractId)
      .map(({ id, billingContractId }) => `${id} ${billingContractId}`)
      .sort(),
    products: ids(await all(user.catalog, `/v1/products?${here}`)),
    customers: ids(customers),
    reported: ids(reported.flatMap(({ body }) => body as Untyped[]).filter(({ status }) => status === 1)),
  };
};
/** Work 365 is told of those that have product lines. */
const settled = (
  call: Awaited<ReturnType<typeof work365>>,
  connectorId: string,
  live: { all: number; withLines: number },
) =>
  eventually(async () => {
    const seen = await picture(call, connectorId);
    return seen.agreed.length === live.all && seen.reported.length >= live.withLines ? seen : undefined;
  });

it('a connector is removed with all that depends on it, and taken up again as it was', async () => {
  const fields = connectorFields(platform);
  const created = await user.connectors.post('/v1/connectors', fields);
  expect(created.status).toBe(201);
  const connectorId: string = created.body.id;
  const call = await work365(connectorId);
  expect((await call('/customers')).status).toBe(200);
  await synced(connectorId);

  const active = await all(user.accounts, '/v1/provider-subscriptions?status=active');
  const live = {
    all: active.length,
    withLines: active.filter(({ lines }) => (lines ?? []).length > 0).length,
  };
  const first = await settled(call, connectorId, live);
  const [subscription] = await all(user.subscriptions, '/v1/subscriptions?status=active');
  const account = (await user.accounts.get(`/v1/provider-subscriptions/${subscription.id}`)).body
    .providerAccountId;
  await user.accounts.send('PUT', '/v1/tenant-accounts/CRM-1', {
    name: 'A customer',
    domains: [],
    emails: [],
  });
  const link = await user.accounts.send('PUT', `/v1/provider-accounts/${account}/link`, {
    tenantAccountId: 'CRM-1',
  });
  expect(link.status).toBe(200);
  const terms = { tenantAccountId: 'CRM-1', name: 'Standard', currency: 'USD', startDate: '2026-01-01' };
  const contract = await user.accounts.post('/v1/billing-contracts', terms);
  expect(contract.status).toBe(201);
  const mapping = `/v1/part-numbers/INGRAM:OURS:ONE/mapping?connectorId=${connectorId}`;
  const mapped = await user.catalog.send('PUT', mapping, { productId: first.products[0], reason: 'ours' });
  expect(mapped.status).toBe(200);
  const before = await eventually(async () => {
    const seen = await picture(call, connectorId);
    return seen.onContracts.some((pair) => pair.endsWith(contract.body.id)) ? seen : undefined;
  });

  // An order is at CMP: the removal waits for it, unless it is forced.
  const order = {
    kind: 'create',
    providerAccountId: account,
    partNumber: 'INGRAM:ACRONIS:ACR-CP-STD',
    seats: 1,
  };
  const orderId = await started(user.subscriptions, '/v1/orders', order);
  const orderStatus = async () => (await user.subscriptions.get(`/v1/orders/${orderId}`)).body.status;
  await eventually(async () => (await orderStatus()) === 'accepted');
  const path = `/v1/connectors/${connectorId}`;
  expect((await user.connectors.get(`${path}/removal`)).body).toMatchObject({
    accounts: 6,
    links: 1,
    contracts: 1,
    mappings: 1,
    apiKeys: 1,
    products: expect.any(Number),
    openOrders: { accepted: 1 },
    notCounted: [],
    needs: 'force',
  });
  for (const query of ['', '?confirm=true'])
    expect((await user.connectors.send('DELETE', path + query)).status).toBe(409);
  expect((await user.connectors.send('DELETE', `${path}?force=true`)).status).toBe(204);

  // Nothing of it is live anywhere, its key is refused at once, and at CMP nothing was cancelled.
  await eventually(async () => (await call('/customers')).status === 403);
  await eventually(
    async () =>
      (await all(user.accounts, '/v1/provider-accounts')).length === 0 &&
      (await all(user.accounts, '/v1/provider-subscriptions')).length === 0 &&
      (await all(user.catalog, '/v1/products')).length === 0 &&
      (await all(user.subscriptions, '/v1/subscriptions?status=active')).length === 0,
  );
  expect((await user.accounts.get(`/v1/provider-subscriptions/${subscription.id}`)).body).toMatchObject({
    goneReason: 'connector-removed',
    status: 'connector-removed',
  });
  await eventually(async () => (await orderStatus()) === 'needs-attention');
  const late = { 'idempotency-key': randomUUID() };
  expect((await user.accounts.post('/v1/sync-runs', { connectorId, scope: 'accounts' }, late)).status).toBe(
    404,
  );
  const ledger = await platform.simulator.control.ledger();
  expect(ledger.filter(({ type }) => type === 'cancellation')).toEqual([]);

  // Created again: refused with other credentials, else the same connector, and all of it is there again.
  const wrong = await user.connectors.post('/v1/connectors', { ...fields, password: 'guessed' });
  expect(wrong).toMatchObject({ status: 422, body: { errors: [{ field: 'password' }] } });
  const again = await user.connectors.post('/v1/connectors', { ...fields, apiUrl: `${fields.apiUrl}/` });
  expect(again).toMatchObject({ status: 201, body: { id: connectorId, restoredAt: expect.any(String) } });
  await synced(connectorId);
  const readAgain = await work365(connectorId);
  expect((await call('/customers')).status).toBe(403);
  expect(await settled(readAgain, connectorId, live)).toEqual(before);
  expect((await user.accounts.get(`/v1/provider-accounts/${account}`)).body).toMatchObject({
    tenantAccountId: 'CRM-1',
    goneAt: null,
    goneReason: null,
  });
  const resolved = await user.catalog.get(
    `/v1/part-numbers/INGRAM:OURS:ONE/resolution?connectorId=${connectorId}`,
  );
  expect(resolved.body).toMatchObject({ outcome: 'resolved', product: { productId: first.products[0] } });
});
