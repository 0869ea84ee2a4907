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
const customerRef = () => ({ id: account.providerAccountId, name: 'Fabrikam' });

describe('the rest of the contract', () => {
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
      paidAmount: 0,
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
      tax: 0,
      discount: 0,
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

  it('shows licences by the part number that their subscription was bought by, else by its alias', async () => {
    const bought = await client.call('POST', '/subscriptions', {
      partNumber: `${nce}_MONTHLY`,
      quantity: 2,
      provisioningFrequency: 1,
      customer: { id: account.providerAccountId },
    });
    const path = `/customers/${account.providerAccountId}/subscriptions/${bought.body.id}`;
    expect((await client.call('GET', path)).body.partNumber).toBe(`${nce}_MONTHLY`);
    const { subscriptionId } = provider.world.subscriptions.at(-1)!;
    provider.world.aliases.set(`${nce}:P1Y:P1M`, ['P1M', 'P1Y']);
    const invoiceId = randomUUID();
    const line = (more: object) => ({
      ...{ lineId: randomUUID(), invoiceId, kind: 'licence' as const, customerName: 'Fabrikam' },
      ...{ partNumber: nce, mpn: nce.slice(17), manufacturer: 'MICROSOFT', billingCycle: 'P1M', term: 'P1Y' },
      ...{ description: 'Basic', chargeType: 'Recurring', quantity: '2', total: '9.60', currency: 'USD' },
      ...more,
    });
    const invoice = { connectorId: client.connectorId, currency: 'USD', lineTotal: '9.6', lines: 4 };
    provider.world.invoices.push({
      ...{ ...invoice, invoiceId, number: 'INV-3', balance: 'balanced', unmatchedLines: 0, version: 1 },
      ...{ createdAt: '2026-11-02T00:00:00Z', changedAt: '2026-11-03T00:00:00Z' },
    });
    provider.world.lines = [
      line({ providerSubscriptionId: subscriptionId }),
      line({ providerSubscriptionId: randomUUID() }),
      line({ term: 'P3Y' }),
      line({ mpn: undefined, manufacturer: undefined, partNumber: undefined }),
    ];
    const { body } = await client.call('GET', `/invoices/${invoiceId}/licensesummary`);
    expect(body.map(({ partNumber }: { partNumber: string }) => partNumber)).toEqual([
      `${nce}_MONTHLY`,
      `${nce}:P1Y:P1M`,
      nce,
      null,
    ]);
  });

  it('has a price list', async () => {
    provider.world.prices = [
      {
        priceId: '1',
        type: 'licensebased',
        productId: randomUUID(),
        vendor: 'MICROSOFT',
        mpn: 'CFQ7TTC0LH16:0001',
        partNumber: `${nce}:P1Y:P1M`,
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
      {
        ...{
          productId: 'CFQ7TTC0LH16',
          skuId: '0001',
          unitPrice: 4.8,
          erpPrice: 6,
          pricingTierRangeMin: '1',
        },
        ...{ name: `${nce}:P1Y:P1M`, termDuration: 'P1Y', billingPlan: 'P1M' },
      },
    ]);
    expect((await client.call('GET', '/pricelists/US/legacy/current')).body).toEqual([]);
    expect((await client.call('GET', '/pricelists/UK/legacy/current')).status).toBe(200);
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
      validationMessage: expect.stringContaining('regionOrState is required by CMP in US'),
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
    for (const written of ['UK', 'uk', 'GB'])
      expect((await client.call('GET', `/countries/${written}/validation-rules`)).body).toMatchObject({
        defaultCulture: 'en-GB',
      });
    expect((await client.call('GET', '/countries/XX/validation-rules')).body).toMatchObject({
      nextStep: expect.stringContaining('list of countries'),
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
