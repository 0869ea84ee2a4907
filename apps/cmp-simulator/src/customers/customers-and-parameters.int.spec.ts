import type { RunningSimulator } from '../start-simulator.ts';
import { month, newCustomer, sale, year } from '../../test/orders.fixture.ts';
import { CmpUser, quietSimulator } from '../../test/cmp-user.fixture.ts';

let simulator: RunningSimulator;
let user: CmpUser;
beforeAll(async () => {
  simulator = await quietSimulator();
  user = new CmpUser(simulator);
});
afterAll(() => simulator.close());

describe('POST and PATCH /customers', () => {
  it('answers 200 with an id and the reseller, and forgets login and password', async () => {
    const [person] = newCustomer.contactPersons;
    const { status, body } = await user.post('/customers', {
      ...newCustomer,
      contactPersons: [{ ...person, login: 'jane.doe', password: 'Secret-1' }],
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: expect.stringMatching(/^\d+$/),
      status: 'active',
      resellerId: '1000001',
      name: newCustomer.name,
    });
    expect((await user.get(`/customers/${body.id}`)).text).not.toMatch(/jane\.doe|Secret/);
    expect((await user.get('/customers?limit=1')).body.data[0].id).toBe(body.id);
  });

  it.each([
    [{ name: undefined }, 'name'],
    [{ language: '' }, 'language'],
    [{ address: { ...newCustomer.address, city: undefined } }, 'address.city'],
    [{ address: { ...newCustomer.address, countryCode: 'gb' } }, 'countryCode "gb"'],
    [{ address: { ...newCustomer.address, countryCode: 'US' } }, 'address.state'],
    [{ contactPersons: [] }, 'contactPersons'],
    [{ contactPersons: [{ ...newCustomer.contactPersons[0], email: undefined }] }, 'contactPersons[0].email'],
  ])('refuses %j with 400 and names the field', async (wrong, field) => {
    expect(await user.post('/customers', { ...newCustomer, ...wrong })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining(field) },
    });
  });

  it('changes what may be changed; of the statuses only active and creditHold', async () => {
    const { body } = await user.patch('/customers/1000100010', {
      name: 'New Name',
      externalId: 'X-1',
      status: 'creditHold',
      resellerId: '9',
    });
    expect(body).toMatchObject({
      name: 'New Name',
      externalId: 'X-1',
      status: 'creditHold',
      resellerId: '1000001',
    });
    expect((await user.patch('/customers/1000100010', { status: 'cancelled' })).status).toBe(400);
    expect((await user.patch('/customers/1', { name: 'x' })).status).toBe(404);
  });
});

describe('POST /validation/parameters', () => {
  const line = (parameters: object[], more: object = {}) => ({
    ...sale('').products[0],
    subscriptionPeriod: year,
    parameters,
    ...more,
  });
  const judged = async (parameters: object[], more: object = {}, customerId = '1000100001') => {
    const { body } = await user.post('/validation/parameters', {
      customerId,
      products: [line(parameters, more)],
    });
    const verdicts: { name: string; result: string; message: string; valueChoices: { value: string }[] }[] =
      body.data[0].parameters;
    return new Map(verdicts.map((verdict) => [verdict.name, verdict]));
  };
  const domain = (value: string) => [{ name: 'microsoft_domain', value }];

  it.each([
    ['free2026.onmicrosoft.com', 'success'],
    ['free2026.example.com', 'error'],
    ['with-dash.onmicrosoft.com', 'error'],
    [`${'a'.repeat(28)}.onmicrosoft.com`, 'error'],
    ['', 'error'],
  ])('judges the domain %p of a new commerce product: %s', async (value, result) => {
    expect((await judged(domain(value))).get('microsoft_domain')).toMatchObject({ result });
  });

  it('wants the prefix only for a legacy product', async () => {
    const legacy = {
      mpn: 'bd938f12-058f-4927-bba3-ae36b1d2501c_MONTHLY',
      billingPeriod: month,
      subscriptionPeriod: month,
    };
    expect((await judged([{ name: 'domain', value: 'fabrikam' }], legacy)).get('domain')).toMatchObject({
      result: 'success',
    });
    expect(
      (await judged([{ name: 'domain', value: 'fabrikam.onmicrosoft.com' }], legacy)).get('domain'),
    ).toMatchObject({ result: 'error' });
  });

  it("refuses another customer's domain, and the customer's own for a new tenant", async () => {
    const taken = (await user.get('/subscriptions?status=active&limit=500')).body.data;
    const details = await Promise.all(
      taken.slice(0, 60).map(async ({ id }: { id: string }) => (await user.get(`/subscriptions/${id}`)).body),
    );
    const holder = details.find(({ orderParameters }) => orderParameters[0]?.name === 'microsoft_domain');
    const { value } = holder.orderParameters[0];
    const other = holder.customerId === '1000100001' ? '1000100002' : '1000100001';
    expect((await judged(domain(value), {}, other)).get('microsoft_domain')?.message).toBe(
      'Domain is not available.',
    );
    expect((await judged(domain(value), {}, holder.customerId)).get('microsoft_domain')?.result).toBe(
      'success',
    );
    expect(
      (
        await judged([...domain(value), { name: 'tenant_preference', value: 'new' }], {}, holder.customerId)
      ).get('microsoft_domain')?.result,
    ).toBe('error');
  });

  it('names what is missing, with the values allowed, so that parameters can be found out', async () => {
    const verdicts = await judged([{ name: 'tenant_preference', value: 'new' }]);
    expect(verdicts.get('tenant_preference')?.valueChoices.map(({ value }) => value)).toEqual([
      'new',
      'existing',
    ]);
    const missing = [...verdicts.values()].filter(({ result }) => result === 'error').map(({ name }) => name);
    expect(missing).toEqual([
      'microsoft_domain',
      'mca_acceptance',
      'agreement_date',
      'first_name_agreement',
      'last_name_agreement',
      'email_address_agreement',
    ]);
  });

  it('takes a tenant id instead of a domain', async () => {
    const id = (value: string) => judged([{ name: 'microsoft_tenant_id', value }]);
    expect((await id('a94c2acd-f6e7-4ff5-cd6c-7d03fa8aa02c')).get('microsoft_tenant_id')?.result).toBe(
      'success',
    );
    expect((await id('fabrikam')).get('microsoft_tenant_id')?.result).toBe('error');
    expect((await id('a94c2acd-f6e7-4ff5-cd6c-7d03fa8aa02c')).has('microsoft_domain')).toBe(false);
  });

  it('keeps the draft id of an earlier round', async () => {
    const draftRequestId = '11ad4cec-9b55-497d-8c5a-874b33c59f6c';
    const { body } = await user.post('/validation/parameters', {
      customerId: '1000100001',
      products: [line([], { draftRequestId })],
    });
    expect(body.data[0].draftRequestId).toBe(draftRequestId);
  });

  it('knows parameters by their exact names', async () => {
    expect(
      (await judged([{ name: 'Microsoft_Domain', value: 'free2026.onmicrosoft.com' }])).get(
        'microsoft_domain',
      )?.result,
    ).toBe('error');
  });
});
