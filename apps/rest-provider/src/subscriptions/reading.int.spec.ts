import type { ProviderAccountV1 } from '@isthmus/contracts';
import { statementsFor } from '@isthmus/testing';
import { type RunningProvider, runRestProvider, type Work365 } from '../../test/rest-provider.fixture.ts';

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
const emptyModel = { id: null, name: null, createdOn: null, modifiedOn: null };
const customerRef = () => ({ id: account.providerAccountId, name: 'Fabrikam' });

describe('customers and subscriptions', () => {
  it('lists customers with every field of the contract', async () => {
    const { body } = await client.call('GET', '/customers');
    const customer = {
      ...emptyModel,
      id: account.providerAccountId,
      name: 'Fabrikam',
      email: 'jane@fabrikam.example',
      language: null,
      culture: null,
      defaultAddress: {
        ...emptyModel,
        country: 'US',
        city: 'Irvine',
        regionOrState: 'CA',
        addressLine1: 'Main 1',
        addressLine2: 'Suite 2',
        postalOrZipCode: '92612',
      },
      domain: 'fabrikam.onmicrosoft.com',
      organizationRegistrationNumber: '12-34',
      userCredentials: null,
      contact: {
        ...emptyModel,
        name: 'Jane van Doe',
        firstName: 'Jane',
        lastName: 'van Doe',
        phoneNumber: null,
        email: 'jane@fabrikam.example',
      },
    };
    expect(body).toEqual([customer]);
    expect((await client.call('GET', `/customers/${account.providerAccountId}`)).body).toEqual(customer);
  });

  it('lists subscriptions with every field of the contract, enumerations as numbers', async () => {
    const { subscriptionId: id } = provider.world.subscription(account, { friendlyName: 'Sales' });
    const subscription = {
      id,
      name: 'Business Basic',
      createdOn: '2026-11-01T00:00:00Z',
      modifiedOn: '2026-11-20T00:00:00Z',
      partNumber: nce,
      autoRenew: true,
      provisioningFrequency: 1,
      billingType: 1,
      customer: customerRef(),
      friendlyName: 'Sales',
      startDate: '2026-11-01T00:00:00Z',
      status: 1,
      quantity: 10,
      pricing: { currency: 'USD', price: 4.8, retailPrice: 6 },
    };
    const { body } = await client.call('GET', `/customers/${account.providerAccountId}/subscriptions`);
    expect(body).toContainEqual(subscription);
    const path = `/customers/${account.providerAccountId}/subscriptions/${id}`;
    expect((await client.call('GET', path)).body).toEqual(subscription);
  });

  it.each([
    ['active', {}, 1],
    ['pending', {}, 2],
    ['hold', {}, 2],
    ['unknown', {}, 2],
    ['terminated', {}, 3],
    ['removed', { autoRenew: false, endedAt: '2026-11-10T00:00:00Z', expirationDate: '2026-12-01' }, 3],
    ['terminated', { autoRenew: false, endedAt: '2026-12-01T05:00:00Z', expirationDate: '2026-12-01' }, 4],
  ])('shows %s %p as status %i', async (status, more, number) => {
    const { subscriptionId } = provider.world.subscription(account, { status, ...more });
    const path = `/customers/${account.providerAccountId}/subscriptions/${subscriptionId}`;
    expect((await client.call('GET', path)).body.status).toBe(number);
  });

  it.each(['P0M', 'P1.5M', 'PT1H', undefined])(
    'answers the whole list although one has the billing period %s, whose frequency is unknown',
    async (billingPeriod) => {
      const { subscriptionId } = provider.world.subscription(account, { billingPeriod, term: billingPeriod });
      const { status, body } = await client.call(
        'GET',
        `/customers/${account.providerAccountId}/subscriptions`,
      );
      expect(status).toBe(200);
      const shown = (body as { id: string }[]).find(({ id }) => id === subscriptionId);
      expect(shown).toMatchObject({ provisioningFrequency: 0, quantity: 10 });
    },
  );

  it('leaves a live one out until its seats are read, and counts it', async () => {
    const unread = provider.world.account(client.tenantId, client.connectorId, { unreadSubscriptions: 2 });
    const path = `/customers/${unread.providerAccountId}/subscriptions`;
    const one = provider.world.subscription(unread, { lines: [] });
    const first = await client.call('GET', path);
    expect([first.body, first.headers.get('isthmus-left-out')]).toEqual([[], '3']);
    expect((await client.call('GET', `${path}/${one.subscriptionId}`)).status).toBe(404);
    one.lines = provider.world.subscription(unread).lines;
    provider.world.account(client.tenantId, client.connectorId);
    unread.unreadSubscriptions = 0;
    const then = await client.call('GET', path);
    expect([then.body.length, then.headers.get('isthmus-left-out')]).toEqual([2, '0']);
  });

  it('tells 0 seats of one that ended unread, and no pricing where no price is known', async () => {
    const ended = { status: 'removed', lines: [], creationDate: undefined };
    const { subscriptionId } = provider.world.subscription(account, ended);
    const path = `/customers/${account.providerAccountId}/subscriptions/${subscriptionId}`;
    expect((await client.call('GET', path)).body).toMatchObject({
      status: 3,
      quantity: 0,
      pricing: null,
      partNumber: null,
      startDate: null,
    });
  });

  it.each([
    ['no-longer-listed', 3],
    ['connector-removed', 2],
  ])('shows %s as status %i', async (status, number) => {
    const { subscriptionId } = provider.world.subscription(account, { status });
    const path = `/customers/${account.providerAccountId}/subscriptions/${subscriptionId}`;
    expect((await client.call('GET', path)).body.status).toBe(number);
  });

  it('leaves the price for the customer out where CMP shows none', async () => {
    const [line] = provider.world.subscription(account).lines;
    const { subscriptionId } = provider.world.subscription(account, {
      lines: [{ ...line!, unitPrice: undefined }],
    });
    const path = `/customers/${account.providerAccountId}/subscriptions/${subscriptionId}`;
    expect((await client.call('GET', path)).body.pricing).toEqual({ currency: 'USD', price: 4.8 });
  });

  it('writes PascalCase for a connector that wants it, and reads either', async () => {
    const pascal = provider.client({ fieldNames: 'PascalCase' });
    const theirs = provider.world.account(pascal.tenantId, pascal.connectorId, { address: { city: 'Bonn' } });
    expect((await pascal.call('GET', '/customers')).body).toMatchObject([
      { Id: theirs.providerAccountId, DefaultAddress: { City: 'Bonn', AddressLine1: null } },
    ]);
    const bought = await pascal.call('POST', '/subscriptions', {
      PartNumber: nce,
      Quantity: 3,
      ProvisioningFrequency: 'Monthly',
      Customer: { Id: theirs.providerAccountId },
    });
    expect(bought.body).toMatchObject({ PartNumber: nce, Quantity: 3, Status: 1 });
  });
});

describe('what a read costs in statements, each of which is one round trip', () => {
  const costOf = (path: string) =>
    statementsFor(client.tenantId, async () => {
      expect(await client.call('GET', path)).toMatchObject({ status: 200 });
    });
  const path = () => `/customers/${account.providerAccountId}/subscriptions`;

  it('customers: none', async () => {
    expect(await costOf('/customers')).toEqual([]);
  });

  it('subscriptions of a customer: the purchases, the reported lines, and once those reported for the first time', async () => {
    await client.call('GET', path());
    provider.world.subscription(account);
    expect(await costOf(path())).toHaveLength(3);
    const again = await costOf(path());
    expect(again).toEqual([
      expect.stringContaining('from "write_intents"'),
      expect.stringContaining('from "reported_lines"'),
    ]);
  });

  it('one subscription: two, whether it was bought here or not', async () => {
    const { subscriptionId } = provider.world.subscription(account);
    await client.call('GET', `${path()}/${subscriptionId}`);
    expect(await costOf(`${path()}/${subscriptionId}`)).toHaveLength(2);
    const customer = { id: account.providerAccountId };
    const bought = await client.call('POST', '/subscriptions', { partNumber: nce, quantity: 3, customer });
    expect(bought).toMatchObject({ status: 200, body: { status: 1 } });
    await client.call('GET', `${path()}/${bought.body.id}`);
    expect(await costOf(`${path()}/${bought.body.id}`)).toHaveLength(2);
  });
});
