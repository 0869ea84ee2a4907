import fc from 'fast-check';
import type { ProductSigns } from '../../subscriptions/rules/product-line.ts';
import type { OrderParameter } from '../order.ts';
import {
  defaultTenantRules,
  defaultTenantRules as rules,
  filledFromTenant,
  isNewCommerce,
  type KnownTenant,
  tenantMissing,
  tenantParameterErrors,
  type TenantRules,
} from './microsoft-parameters.ts';

const nce = { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LH16:0001', name: 'Business Basic' };
const legacy = { vendor: 'Microsoft', mpn: 'bd938f12-058f-4927-bba3-ae36b1d2501c_ANNUAL', name: 'E3' };
const known = { domain: 'contoso.onmicrosoft.com', exists: true };
const agreement = {
  signedOn: '2026-11-05T10:00:00.000Z',
  firstName: 'Jane',
  lastName: 'Doe',
  email: 'j@x.example',
};
const named = (parameters: { name: string; value?: string }[]) =>
  Object.fromEntries(parameters.map(({ name, value }) => [name, value]));

const withMicrosoftParameters = (
  product: ProductSigns,
  given: OrderParameter[],
  tenant: KnownTenant | null,
  rules: TenantRules,
): OrderParameter[] => [
  ...given,
  ...filledFromTenant(product, given, tenant, rules).map(({ parameter }) => parameter),
];

describe('the parameters of a purchase from Microsoft', () => {
  it.each([
    ['new commerce', nce, { tenant_preference: 'existing', microsoft_domain: 'contoso.onmicrosoft.com' }],
    [
      'new commerce by its plan, whatever its mpn',
      { vendor: 'Microsoft Corp.', mpn: 'DG7GMGF0D7FV:0001', serviceName: 'O365_NCE' },
      { tenant_preference: 'existing', microsoft_domain: 'contoso.onmicrosoft.com' },
    ],
    [
      'new commerce by its name',
      { vendor: 'microsoft', mpn: 'SKU-1', name: 'Project Plan 3 (NCE COM MTH)' },
      { tenant_preference: 'existing', microsoft_domain: 'contoso.onmicrosoft.com' },
    ],
    ['a legacy product', legacy, { domain: 'contoso' }],
    ['another vendor', { vendor: 'ACRONIS', mpn: 'CFQ7TTC0LH16:0001' }, {}],
    ['another vendor that names itself after it', { vendor: 'For Microsoft', mpn: 'X' }, {}],
  ])('of %s come from the product', (_, product, expected) => {
    expect(named(withMicrosoftParameters(product, [], known, rules))).toEqual(expected);
    expect(withMicrosoftParameters(product, [], null, rules)).toEqual([]);
  });

  it('of a new tenant tell who accepted the agreement', () => {
    const tenant = { domain: 'new.onmicrosoft.com', exists: false, agreement };
    expect(named(withMicrosoftParameters(nce, [], tenant, rules))).toEqual({
      tenant_preference: 'new',
      microsoft_domain: 'new.onmicrosoft.com',
      mca_acceptance: 'yes',
      agreement_date: '11-05-2026',
      first_name_agreement: 'Jane',
      last_name_agreement: 'Doe',
      email_address_agreement: 'j@x.example',
    });
  });

  it.each([
    ['a domain', [{ name: 'microsoft_domain', value: 'other.onmicrosoft.com' }]],
    ['a tenant id', [{ name: 'microsoft_tenant_id', value: 'a94c2acd-f6e7-4ff5-cd6c-7d03fa8aa02c' }]],
  ])('that name %s are left as a person gave them', (_, given) => {
    expect(withMicrosoftParameters(nce, given, known, rules)).toEqual(given);
    expect(tenantMissing(nce, given, rules)).toBe(false);
  });

  it('are completed beside those that a person gave, which win', () => {
    const given = [
      { name: 'tenant_preference', value: 'new' },
      { name: 'email_address_agreement', value: 'boss@x.example' },
    ];
    const filled = named(withMicrosoftParameters(nce, given, { ...known, agreement }, rules));
    expect(filled).toMatchObject({
      tenant_preference: 'new',
      microsoft_domain: 'contoso.onmicrosoft.com',
      mca_acceptance: 'yes',
      email_address_agreement: 'boss@x.example',
    });
  });

  it('of legacy products take the domain as the marketplace wants it', () => {
    const full = { ...rules, legacyDomain: 'full' as const, legacyDomainParameter: 'o365_domain' };
    expect(named(withMicrosoftParameters(legacy, [], known, full))).toEqual({
      o365_domain: 'contoso.onmicrosoft.com',
    });
    const given = [{ name: 'o365_domain', value: 'mine' }];
    expect(withMicrosoftParameters(legacy, given, known, full)).toEqual(given);
  });

  it('are those of new commerce only where it is', () => {
    expect(isNewCommerce({ vendor: 'MICROSOFT', mpn: 'X', name: 'Office for France' })).toBe(false);
    expect(isNewCommerce({ vendor: 'MICROSOFT', mpn: 'X', name: 'Defender NCE' })).toBe(true);
  });
});

describe('the parameters of a purchase', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  const nce = { mpn: 'CFQ7TTC0LH16:0001' };
  const legacy = { mpn: 'bd938f12-058f-4927-bba3-ae36b1d2501c_ANNUAL' };
  const newTenant: Record<string, string> = {
    tenant_preference: 'new',
    microsoft_domain: 'fabrikam.onmicrosoft.com',
    mca_acceptance: 'yes',
    agreement_date: '01-31-2026',
    first_name_agreement: 'Jane',
    last_name_agreement: 'Doe',
    email_address_agreement: 'jane@fabrikam.example',
  };
  const listed = (values: object) =>
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) =>
        typeof value === 'object' ? { name, structured_value: value } : { name, value: value as string },
      );
  const errors = (values: object, product: object = nce, rules: object = {}) =>
    tenantParameterErrors(product as never, listed(values), { ...defaultTenantRules, ...rules }, now).map(
      ({ name, message }) => `${name} ${message}`,
    );

  describe('parameters of a new tenant', () => {
    it('are complete with domain and agreement', () => expect(errors(newTenant)).toEqual([]));

    it.each(Object.keys(newTenant).filter((name) => name !== 'tenant_preference'))('need %s', (name) =>
      expect(errors({ ...newTenant, [name]: undefined })).toEqual([`${name} is required for a new tenant`]),
    );

    it('are refused all at once', () =>
      expect(errors({ tenant_preference: 'new', mca_acceptance: 'no' })).toHaveLength(6));

    it('have no tenant id', () =>
      expect(errors({ ...newTenant, microsoft_tenant_id: 'a94c2acd-f6e7-4ff5-8d6c-7d03fa8aa02c' })).toEqual([
        'microsoft_tenant_id must be left out: a new tenant has no id yet',
      ]));
  });

  describe('parameters of an existing tenant', () => {
    it.each([
      { microsoft_domain: 'fabrikam.onmicrosoft.com' },
      { tenant_preference: 'existing', microsoft_tenant_id: 'a94c2acd-f6e7-4ff5-8d6c-7d03fa8aa02c' },
      { ...newTenant, tenant_preference: 'existing' },
    ])('may be %j', (values) => expect(errors(values)).toEqual([]));

    it('are complete when they accept the agreement anew', () =>
      expect(errors({ microsoft_domain: 'fabrikam.onmicrosoft.com', mca_acceptance: 'yes' })).toHaveLength(
        4,
      ));

    it('name the tenant by id or domain, unless CMP is left to know it', () => {
      expect(errors({})).toEqual([
        'microsoft_tenant_id is required for an existing tenant, or its microsoft_domain',
      ]);
      expect(errors({}, nce, { tenantNeeded: false })).toEqual([]);
    });
  });

  it.each([
    ['tenant_preference', 'New', 'must be new or existing'],
    ['microsoft_domain', 'fabrikam', 'must be the whole domain'],
    ['microsoft_domain', 'fabrikam.com', 'must be the whole domain'],
    ['microsoft_domain', '.onmicrosoft.com', 'must be the whole domain'],
    ['microsoft_tenant_id', 'fabrikam', 'must be a GUID'],
    ['agreement_date', '2026-01-31', 'must be a date as MM-DD-YYYY'],
    ['agreement_date', '02-29-2026', 'is not a date'],
    ['agreement_date', '13-01-2025', 'is not a date'],
    ['agreement_date', '03-03-2026', 'is in the future'],
    ['email_address_agreement', 'jane', 'must be an e-mail address'],
    ['first_name_agreement', '  ', 'must have a string'],
    ['offer_attestation', 'yes', 'requires the structured_value'],
    ['partner_on_record_attestation_accepted', { attestation_accepted: false }, 'must be accepted'],
    ['Microsoft_Tenant_Id', 'x', 'is written microsoft_tenant_id'],
  ])('%s = %j %s', (name, value, message) => {
    const given = { microsoft_domain: 'fabrikam.onmicrosoft.com', [name]: value };
    const found = errors(given);
    expect(found).toHaveLength(1);
    expect(found[0]!.startsWith(`${name} `)).toBe(true);
    expect(found[0]).toContain(message);
  });

  it('counts a day as past that has begun anywhere on earth, and knows leap days', () => {
    const at = (agreement_date: string) => errors({ ...newTenant, agreement_date });
    expect(at('03-02-2026')).toEqual([]);
    expect(at('02-29-2024')).toEqual([]);
  });

  it('refuses a parameter given twice', () => {
    const parameters = [...listed(newTenant), { name: 'mca_acceptance', value: 'yes' }];
    expect(tenantParameterErrors(nce, parameters, defaultTenantRules, now)).toEqual([
      { name: 'mca_acceptance', message: 'occurs twice' },
    ]);
  });

  it('wants the prefix of a legacy domain, or the whole where the marketplace does', () => {
    expect(errors({ domain: 'jsmith201' }, legacy)).toEqual([]);
    expect(errors({ domain: 'jsmith201.onmicrosoft.com' }, legacy)).toHaveLength(1);
    expect(errors({ domain: 'jsmith201.onmicrosoft.com' }, legacy, { legacyDomain: 'full' })).toEqual([]);
  });

  it('wants the attestation only where it is needed', () => {
    const rules = { attestationNeeded: true };
    expect(errors(newTenant, nce, rules)).toHaveLength(1);
    const attested = { ...newTenant, partner_on_record_attestation_accepted: { attestation_accepted: true } };
    expect(errors(attested, nce, rules)).toEqual([]);
  });

  it('leaves other vendors, and what it has no rule for, to CMP', () => {
    expect(errors({ microsoft_domain: '?' }, { mpn: 'ACME-1' })).toEqual([]);
    expect(errors({ ...newTenant, cost_center: '' })).toEqual([]);
  });

  it('never judges a well-formed new tenant badly, and takes any input', () => {
    const label = fc.stringMatching(/^[a-z0-9]{1,27}$/);
    const day = fc.date({ min: new Date('2015-01-01'), max: new Date('2026-02-28'), noInvalidDate: true });
    fc.assert(
      fc.property(label, day, (prefix, date) => {
        const [year, month, dayOfMonth] = date.toISOString().slice(0, 10).split('-');
        const values = {
          ...newTenant,
          microsoft_domain: `${prefix}.onmicrosoft.com`,
          agreement_date: `${month}-${dayOfMonth}-${year}`,
        };
        expect(errors(values)).toEqual([]);
      }),
    );
    const anything = fc.record({
      name: fc.constantFrom(...Object.keys(newTenant), 'offer_attestation', '__proto__', 'toString'),
      value: fc.option(fc.string(), { nil: undefined }),
      structured_value: fc.anything(),
    });
    fc.assert(
      fc.property(fc.array(anything), (parameters) => {
        const known = [
          ...parameters.map(({ name }) => name),
          ...Object.keys(newTenant),
          'microsoft_tenant_id',
        ];
        for (const { name, message } of tenantParameterErrors(nce, parameters, defaultTenantRules, now)) {
          expect(known).toContain(name);
          expect(message).not.toBe('');
        }
      }),
    );
  });
});
