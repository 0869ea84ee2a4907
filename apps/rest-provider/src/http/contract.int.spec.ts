import { randomUUID } from 'node:crypto';
import type { ProviderAccountV1 } from '@isthmus/contracts';
import {
  codeOf,
  runRestProvider,
  type RunningProvider,
  type Work365,
} from '../rest-provider.fixture.spec.ts';

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
const noModel = { id: null, name: null, createdOn: null, modifiedOn: null };
const customerRef = () => ({ id: account.providerAccountId, name: 'Fabrikam' });

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

describe('reading', () => {
  it('lists customers with every field of the contract', async () => {
    const { body } = await client.call('GET', '/customers');
    const customer = {
      ...noModel,
      id: account.providerAccountId,
      name: 'Fabrikam',
      email: 'jane@fabrikam.example',
      language: null,
      culture: null,
      defaultAddress: {
        ...noModel,
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
        ...noModel,
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

  it('knows null instead of a quantity or a price that CMP has not told yet', async () => {
    const { subscriptionId } = provider.world.subscription(account, { lines: [], creationDate: undefined });
    const path = `/customers/${account.providerAccountId}/subscriptions/${subscriptionId}`;
    expect((await client.call('GET', path)).body).toMatchObject({
      quantity: null,
      pricing: null,
      partNumber: null,
      startDate: null,
    });
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

  it('has invoices, but none that do not add up, and their lines by kind', async () => {
    const invoice = {
      connectorId: client.connectorId,
      currency: 'USD',
      lineTotal: '12.5',
      lines: 2,
      unmatchedLines: 0,
      version: 1,
      invoiceDate: '2026-11-01',
      createdAt: '2026-11-02T00:00:00Z',
      changedAt: '2026-11-03T00:00:00Z',
    };
    const [invoiceId, other] = [randomUUID(), randomUUID()];
    provider.world.invoices = [
      { ...invoice, invoiceId, number: 'INV-1', statedTotal: '12.50', balance: 'balanced' },
      { ...invoice, invoiceId: other, number: 'INV-2', balance: 'unbalanced' },
    ];
    const line = {
      lineId: randomUUID(),
      invoiceId,
      customerName: 'Fabrikam',
      providerAccountId: account.providerAccountId,
      cmpSubscriptionId: '77',
      partNumber: nce,
      manufacturer: 'Microsoft',
      billingCycle: 'P1M',
      chargeStartDate: '2026-10-01',
      chargeEndDate: '2026-10-31',
      description: 'Business Basic',
      chargeType: 'Recurring',
      unitPrice: '4.80',
      quantity: '2',
      total: '9.60',
      currency: 'USD',
    };
    provider.world.lines = [
      { ...line, kind: 'licence' },
      { ...line, kind: 'usage', service: 'Compute', unit: 'h' },
      { ...line, kind: 'usage', invoiceId: undefined, resource: 'B1s' },
      { ...line, kind: 'one-off' },
    ];
    const shown = {
      id: invoiceId,
      name: 'INV-1',
      createdOn: '2026-11-02T00:00:00Z',
      modifiedOn: '2026-11-03T00:00:00Z',
      invoiceDate: '2026-11-01T00:00:00Z',
      paidAmount: null,
      totalCharges: 12.5,
      currency: 'USD',
    };
    expect((await client.call('GET', '/invoices')).body).toEqual([shown]);
    expect((await client.call('GET', `/invoices/${invoiceId}`)).body).toEqual(shown);
    const licence = {
      id: line.lineId,
      name: 'Business Basic',
      createdOn: null,
      modifiedOn: null,
      partNumber: nce,
      customer: customerRef(),
      subscription: null,
      invoice: { id: invoiceId, name: 'INV-1' },
      billingCycleType: 1,
      orderId: null,
      chargeStartDate: '2026-10-01T00:00:00Z',
      chargeEndDate: '2026-10-31T00:00:00Z',
      chargeDescription: 'Business Basic',
      unitPrice: 4.8,
      quantity: 2,
      tax: null,
      discount: null,
      total: 9.6,
      currency: 'USD',
      manufacturer: 'Microsoft',
    };
    const of = async (path: string) => (await client.call('GET', path)).body;
    expect(await of(`/invoices/${invoiceId}/licensesummary`)).toEqual([licence]);
    expect(await of(`/invoices/${invoiceId}/nonrecurringitemsummary`)).toEqual([
      { ...licence, nonRecurringItem: null },
    ]);
    expect(await of(`/invoices/${invoiceId}/billedusages`)).toMatchObject([
      { service: 'Compute', unit: 'h', resource: null, invoice: { id: invoiceId } },
    ]);
    expect(await of('/unbilledusages')).toMatchObject([{ resource: 'B1s', invoice: null, total: 9.6 }]);
  });

  it('has a price list', async () => {
    provider.world.prices = [
      {
        priceId: '1',
        type: 'licensebased',
        productId: randomUUID(),
        vendor: 'MICROSOFT',
        mpn: 'CFQ7TTC0LH16:0001',
        partNumber: nce,
        name: 'Business Basic',
        term: 'P1Y',
        billingPeriod: 'P1M',
        market: 'US',
        currency: 'USD',
        priceType: 'recurring',
        cost: '4.80',
        amount: '6.00',
        tierMin: 1,
        effectiveFrom: '2026-01-01T00:00:00Z',
      },
    ];
    const { body } = await client.call('GET', '/pricelists/us/LicenseBased/current');
    expect(body).toMatchObject([
      { productId: 'CFQ7TTC0LH16', skuId: '0001', unitPrice: 4.8, erpPrice: 6, pricingTierRangeMin: '1' },
    ]);
    expect((await client.call('GET', '/pricelists/US/legacy/current')).body).toEqual([]);
  });

  it('says honestly what it can do', async () => {
    expect((await client.call('GET', '/utilities/provider-properties')).body).toEqual({
      supportsAgreementConfirmation: true,
      supportsAddressVerification: false,
      supportsCustomerCreation: true,
    });
    expect((await client.call('GET', '/nonrecurringitems')).body).toEqual([]);
    expect((await client.call('POST', '/nonrecurringitems', [])).status).toBe(204);
    const refused = await client.call('POST', '/nonrecurringitems', [{ partNumber: nce }]);
    expect([refused.status, codeOf(refused)]).toEqual([422, 'non-recurring-item.not-supported']);
  });

  it('knows which domains its customers have', async () => {
    const check = async (domain: string) =>
      (await client.call('GET', `/utilities/domain-check/${domain}`)).body;
    expect(await check('fabrikam')).toBe(false);
    expect(await check('Fabrikam.onmicrosoft.com')).toBe(false);
    expect(await check('contoso')).toBe(true);
  });

  it('checks an address for what CMP would refuse, and claims no more', async () => {
    const validate = (body: object) => client.call('POST', '/utilities/validate-address', body);
    const good = {
      AddressLine1: 'Main 1',
      City: 'Irvine',
      PostalOrZipCode: '1',
      Country: 'us',
      RegionOrState: 'CA',
    };
    expect((await validate(good)).body).toMatchObject({
      addressValidationStatus: 2,
      suggestedAddresses: [],
      originalAddress: { city: 'Irvine', addressLine2: null },
    });
    expect((await validate({ ...good, RegionOrState: '' })).body).toMatchObject({
      addressValidationStatus: 1,
      validationMessage: expect.stringContaining('regionOrState is needed by CMP in US'),
    });
  });

  it('says what CMP needs of a customer in a country', async () => {
    expect((await client.call('GET', '/countries/us/validation-rules')).body).toMatchObject({
      defaultSupportedLanguage: 'en',
      defaultCulture: 'en-US',
      isStateRequired: true,
      stateList: expect.arrayContaining(['CA']),
      phoneNumberRegex: null,
    });
    expect((await client.call('GET', '/countries/DE/validation-rules')).body).toEqual({
      defaultSupportedLanguage: 'de',
      defaultCulture: 'de-DE',
      isStateRequired: false,
      isCityRequired: true,
      isPostalCodeRequired: true,
      stateList: [],
      phoneNumberRegex: null,
      postalCodeRegex: null,
      isTaxIdSupported: true,
      isVatIdSupported: false,
      vatIdRegex: null,
      taxIdFormat: null,
      isTaxIdOptional: true,
    });
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
