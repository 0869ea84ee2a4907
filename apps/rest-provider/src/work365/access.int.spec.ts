import { randomUUID } from 'node:crypto';
import type { ProviderAccountV1 } from '@isthmus/contracts';
import {
  codeOf,
  type RunningProvider,
  runRestProvider,
  type Work365,
} from '../../test/rest-provider.fixture.ts';

let provider: RunningProvider;
let client: Work365;
let account: ProviderAccountV1;
beforeAll(async () => {
  provider = await runRestProvider();
  client = provider.client();
  account = provider.world.account(client.tenantId, client.connectorId, {
    email: 'jane@fabrikam.example',
    contactName: 'Jane van Doe',
    taxRegId: '12-34',
    customDomain: 'fabrikam.onmicrosoft.com',
    address: {
      streetAddress: 'Main 1',
      addressExtension: 'Suite 2',
      postalCode: '92612',
      city: 'Irvine',
      state: 'CA',
      countryCode: 'US',
    },
  });
});
afterAll(() => provider?.stop());

const nce = 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001';

/** Every route of the contract, with ids that exist nowhere. */
const routes = (id: string = randomUUID()): [method: string, path: string, body?: unknown][] => [
  ['GET', '/customers'],
  ['GET', `/customers/${id}`],
  ['POST', '/customers', {}],
  ['GET', `/customers/${id}/agreements`],
  ['POST', '/agreements', {}],
  ['GET', `/customers/${id}/subscriptions`],
  ['GET', `/customers/${id}/subscriptions/${id}`],
  ['POST', '/subscriptions', {}],
  ['PATCH', '/subscriptions', {}],
  ['PATCH', `/subscriptions/${id}/activate`],
  ['PATCH', `/subscriptions/${id}/suspend`],
  ['PATCH', `/subscriptions/${id}/expire`],
  ['DELETE', `/subscriptions/${id}/cancel`],
  ['GET', '/nonrecurringitems'],
  ['POST', '/nonrecurringitems', []],
  ['GET', '/invoices'],
  ['GET', `/invoices/${id}`],
  ['GET', `/invoices/${id}/licensesummary`],
  ['GET', `/invoices/${id}/billedusages`],
  ['GET', '/unbilledusages'],
  ['GET', `/invoices/${id}/nonrecurringitemsummary`],
  ['GET', '/pricelists/US/licensebased/current'],
  ['GET', '/utilities/provider-properties'],
  ['GET', '/utilities/domain-check/contoso'],
  ['POST', '/utilities/validate-address', {}],
  ['GET', '/countries/US/validation-rules'],
];

describe('the API key', () => {
  it.each(routes())('is needed by %s %s, and has to be right', async (...[method, path, body]) => {
    const missing = await provider.send(method, path, {}, body);
    expect([missing.status, missing.body.title]).toEqual([403, 'Unknown client!']);
    const wrong = await provider.send(method, path, { 'work-365-rest-provider-api-key': 'no' }, body);
    expect([wrong.status, wrong.body.title]).toEqual([403, 'Invalid client!']);
  });

  it('counts upper and lower case, and a token does not stand for it', async () => {
    const key = client.key.toUpperCase();
    expect((await provider.send('GET', '/customers', { 'work-365-rest-provider-api-key': key })).status).toBe(
      403,
    );
    expect((await provider.send('GET', '/customers', { authorization: 'Bearer a.b.c' })).status).toBe(403);
  });

  it('of another connector shows nothing of this one, and changes nothing', async () => {
    const { subscriptionId } = provider.world.subscription(account);
    const stranger = provider.client();
    expect((await stranger.call('GET', '/customers')).body).toEqual([]);
    for (const path of ['', '/subscriptions', '/agreements', `/subscriptions/${subscriptionId}`])
      expect((await stranger.call('GET', `/customers/${account.providerAccountId}${path}`)).status).toBe(404);
    const change = await stranger.call('PATCH', '/subscriptions', { id: subscriptionId, quantity: 11 });
    expect(change.status).toBe(404);
    const cancelled = await stranger.call('DELETE', `/subscriptions/${subscriptionId}/cancel`);
    expect([cancelled.status, cancelled.body.detail]).toEqual([
      400,
      `Subscription Id ${subscriptionId} not found`,
    ]);
    expect(provider.world.ordered).toEqual([]);
  });

  it('of a paused connector reads on, and is told so when it writes', async () => {
    const paused = provider.client({ connectorStatus: 'paused' });
    const theirs = provider.world.account(paused.tenantId, paused.connectorId);
    const { subscriptionId: id } = provider.world.subscription(theirs);
    expect((await paused.call('GET', '/customers')).body).toHaveLength(1);
    const customer = { id: theirs.providerAccountId };
    for (const refused of [
      await paused.call('POST', '/subscriptions', { customer, partNumber: nce, quantity: 1 }),
      await paused.call('PATCH', '/subscriptions', { id, quantity: 11 }),
      await paused.call('DELETE', `/subscriptions/${id}/cancel`),
    ])
      expect([refused.status, codeOf(refused)]).toEqual([409, 'connector.paused']);
  });
});

describe('what does not exist', () => {
  it.each(routes().filter(([method, path]) => method === 'GET' && /[0-9a-f]{8}-/.test(path)))(
    'is answered 404: %s %s',
    async (_, path) => {
      expect((await client.call('GET', path)).status).toBe(404);
      const odd = path.replace(/[0-9a-f]{8}-[0-9a-f-]+/g, "x'%20or%201=1");
      expect((await client.call('GET', odd)).status).toBe(404);
    },
  );

  it.each(['activate', 'suspend', 'expire', 'cancel'])('is answered 400 on …/%s', async (action) => {
    const method = action === 'cancel' ? 'DELETE' : 'PATCH';
    const refused = await client.call(method, `/subscriptions/unheard-of/${action}`);
    expect([refused.status, refused.body.detail]).toEqual([400, 'Subscription Id unheard-of not found']);
  });

  it('is answered 404 on PATCH /subscriptions', async () => {
    const refused = await client.call('PATCH', '/subscriptions', { id: randomUUID(), quantity: 2 });
    expect(refused.status).toBe(404);
  });

  it('is answered 404 for a country and 400 for a price list', async () => {
    expect((await client.call('GET', '/countries/XX/validation-rules')).status).toBe(404);
    const refused = await client.call('GET', '/pricelists/XX/some/later');
    expect(refused.body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'market',
      'type',
      'timeline',
    ]);
  });
});
