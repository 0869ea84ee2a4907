import { isNewCommerce, tenantMissing, withMicrosoftParameters } from './microsoft-parameters.ts';
import { defaultTenantRules as rules } from './tenant-parameters.ts';

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
