import {
  badLines,
  parametersIn,
  purchaseOrder,
  shownParameters,
  startValues,
  type KnownParameter,
} from './buy-values.ts';

const parameter = (name: string, more: Partial<KnownParameter> = {}): KnownParameter => ({
  ...{ name, label: name, meaning: '', required: false, requiredWhen: null, allowedValues: null },
  ...{ value: null, structuredValue: null, source: null, sourceDetail: null, otherValues: [], problem: null },
  ...more,
});
const known = [
  parameter('tenant_preference', { value: 'existing', allowedValues: ['existing', 'new'] }),
  parameter('microsoft_domain', { value: 'contoso.onmicrosoft.com', required: true }),
  parameter('microsoft_tenant_id'),
  parameter('agreement_date', { requiredWhen: 'tenant_preference is new' }),
  parameter('partner_on_record_attestation_accepted', { structuredValue: { attestation_accepted: true } }),
];

describe('a purchase', () => {
  const purchase = { account: 'a-1', part: 'INGRAM:Microsoft:CFQ7TTC0LH16:0001', period: 'P1M', term: 'P1Y' };
  const order = (parameters: Record<string, string>, more = '') => {
    const start = startValues(1, known);
    return purchaseOrder(
      purchase,
      { ...start, more, parameters: { ...start.parameters, ...parameters } },
      known,
    ).parameters;
  };

  it('names period and term, which tell products of one part number apart', () => {
    expect(purchaseOrder(purchase, { seats: '5', parameters: {}, more: '' }, [])).toEqual({
      kind: 'create',
      providerAccountId: 'a-1',
      partNumber: 'INGRAM:Microsoft:CFQ7TTC0LH16:0001',
      seats: 5,
      billingPeriod: 'P1M',
      term: 'P1Y',
    });
  });

  it('leaves out what is not known', () => {
    const bare = purchaseOrder(
      { account: 'a-1', part: 'X' },
      { seats: '1', parameters: {}, more: ' \n' },
      [],
    );
    expect(Object.keys(bare).sort()).toEqual(['kind', 'partNumber', 'providerAccountId', 'seats']);
  });

  it('leaves to the platform what it fills in, unless a value was changed: then all of them are meant', () => {
    expect(order({})).toBeUndefined();
    expect(order({}, 'special_qualifications=school')).toEqual([
      { name: 'special_qualifications', value: 'school' },
    ]);
    expect(order({ microsoft_domain: 'fabrikam.onmicrosoft.com' })).toEqual([
      { name: 'tenant_preference', value: 'existing' },
      { name: 'microsoft_domain', value: 'fabrikam.onmicrosoft.com' },
    ]);
    expect(order({ tenant_preference: 'new', agreement_date: '11-05-2026' }, 'microsoft_domain=x')).toEqual([
      { name: 'tenant_preference', value: 'new' },
      { name: 'agreement_date', value: '11-05-2026' },
      { name: 'microsoft_domain', value: 'x' },
    ]);
  });

  it('shows what has, needs or lacks a value, and what a new tenant needs once that is chosen', () => {
    const shown = (preference: string) =>
      shownParameters(known, { tenant_preference: preference }).map(({ name }) => name);
    expect(shown('existing')).toEqual(['tenant_preference', 'microsoft_domain']);
    expect(shown('new')).toEqual(['tenant_preference', 'microsoft_domain', 'agreement_date']);
  });

  it('reads parameters line by line; a value may contain an equals sign', () => {
    expect(parametersIn('microsoft_domain = contoso.onmicrosoft.com\r\n\n note=a=b ')).toEqual([
      { name: 'microsoft_domain', value: 'contoso.onmicrosoft.com' },
      { name: 'note', value: 'a=b' },
    ]);
  });

  it('finds lines that are no parameter', () => {
    expect(badLines('microsoft_domain=contoso.com\ncontoso.com\n=x')).toEqual(['contoso.com', '=x']);
    expect(badLines('empty=')).toEqual([]);
  });
});
