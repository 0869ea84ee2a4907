import { randomUUID } from 'node:crypto';
import { statementsFor } from '@isthmus/testing';
import type { Json } from '../../../test/lifecycle.fixture.ts';
import { premium, runQuoting } from '../../../test/neighbours.fixture.ts';

let quoting: Awaited<ReturnType<typeof runQuoting>>;
beforeAll(async () => {
  quoting = await runQuoting();
});
beforeEach(async () => {
  quoting.known.domains.clear();
  quoting.known.agreements.clear();
  await quoting.pool.query('truncate orders cascade');
});
afterAll(() => quoting?.stop());

const partNumber = `INGRAM:MICROSOFT:${premium}`;
const terms = { billingPeriod: 'P1M', term: 'P1Y' };
const ask = (more: Record<string, string> = {}, as = {}) => {
  const query = new URLSearchParams({
    ...{ providerAccountId: quoting.providerAccountId, partNumber, ...terms, ...more },
  });
  return quoting.call('GET', `/v1/purchase-parameters?${query}`, undefined, {}, as);
};
/** The parameters by name. */
const asked = async (more?: Record<string, string>): Promise<Record<string, Json>> => {
  const { status, body } = await ask(more);
  expect([status, body]).toEqual([200, expect.anything()]);
  return Object.fromEntries(body.parameters.map((parameter: Json) => [parameter.name, parameter]));
};
const bare = () => ({ ...quoting.purchase(), parameters: undefined });
/** The parameters with which an order is placed that gives these. */
const ordered = async (parameters?: object[]): Promise<Json> => {
  const { status, body } = await quoting.place({ ...bare(), parameters });
  expect([status, body]).toEqual([202, expect.anything()]);
  const { spec } = (await quoting.read(body.id)) as Json;
  return Object.fromEntries(spec.parameters.map(({ name, value }: Json) => [name, value]));
};
/** What the helper says is what an order is filled with. */
const filledIn = (parameters: Record<string, Json>) =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([name, { value }]) => (value === null ? [] : [[name, value]])),
  );
const knows = (customDomain: string, more: object = {}) =>
  quoting.known.domains.set(quoting.providerAccountId, { customDomain, customDomainSeen: true, ...more });
async function boughtBefore(parameters: object[]): Promise<string> {
  const { body } = await quoting.place({ ...bare(), parameters });
  await quoting.pool.query(`update orders set status = 'settled', next_step_at = null where id = $1`, [
    body.id,
  ]);
  return body.id;
}
const domain = (value: string) => [{ name: 'microsoft_domain', value }];

describe('the parameters of a purchase', () => {
  it("come from the account's domain, and an order is filled with the same", async () => {
    knows('fabrikam.onmicrosoft.com');
    const { body } = await ask();
    expect(body).toMatchObject({ complete: true, vendor: 'MICROSOFT', connectorId: quoting.connectorId });
    const parameters = await asked();
    expect(parameters.microsoft_domain).toEqual({
      name: 'microsoft_domain',
      label: 'Microsoft domain',
      meaning: expect.stringContaining('fabrikam.onmicrosoft.com'),
      ...{ required: true, requiredWhen: null, allowedValues: null },
      ...{ value: 'fabrikam.onmicrosoft.com', structuredValue: null, source: 'account' },
      ...{ sourceDetail: "The account's domain.", otherValues: [], problem: null },
    });
    expect(parameters.tenant_preference).toMatchObject({
      ...{ value: 'existing', source: 'account', allowedValues: ['existing', 'new'], required: false },
    });
    expect(parameters.mca_acceptance).toMatchObject({
      ...{ value: null, required: false, requiredWhen: 'tenant_preference is new', problem: null },
    });
    expect(await ordered()).toEqual(filledIn(parameters));
  });

  it('lack the domain of an account that has none, with what to do next; an order is refused with it', async () => {
    const { body } = await ask();
    expect(body.complete).toBe(false);
    const { microsoft_domain: missing } = await asked();
    expect(missing).toMatchObject({
      ...{ value: null, source: null, required: true },
      problem: {
        blocks: true,
        nextStep: expect.stringContaining(`PATCH /v1/provider-accounts/${quoting.providerAccountId}`),
      },
    });
    const refused = await quoting.place(bare());
    expect(refused).toMatchObject({
      status: 422,
      body: { nextStep: expect.stringContaining('GET /v1/purchase-parameters') },
    });
  });

  it('are filled from the earlier purchase of an account without a domain', async () => {
    const orderId = await boughtBefore(domain('Earlier.onmicrosoft.com'));
    const parameters = await asked();
    expect(parameters.microsoft_domain).toMatchObject({
      ...{ value: 'earlier.onmicrosoft.com', source: 'earlier-purchase', problem: null },
      sourceDetail: expect.stringContaining(orderId),
    });
    expect(await ordered()).toEqual({
      tenant_preference: 'existing',
      microsoft_domain: 'earlier.onmicrosoft.com',
    });
    expect(filledIn(parameters)).toEqual(await ordered());
  });

  it('are filled with the tenant id of an earlier purchase that named no domain', async () => {
    const id = randomUUID();
    await boughtBefore([{ name: 'microsoft_tenant_id', value: id }]);
    const { microsoft_tenant_id: tenant, microsoft_domain: name } = await asked();
    expect(tenant).toMatchObject({ value: id, source: 'earlier-purchase' });
    expect(name).toMatchObject({ value: null, required: false, problem: null });
    expect(await ordered()).toEqual({ tenant_preference: 'existing', microsoft_tenant_id: id });
  });

  it('are not guessed where earlier purchases were for several tenants, or have not settled', async () => {
    const open = await quoting.place({ ...bare(), parameters: domain('open.onmicrosoft.com') });
    expect(open.status).toBe(202);
    expect((await asked()).microsoft_domain).toMatchObject({ value: null, otherValues: [] });
    await boughtBefore(domain('one.onmicrosoft.com'));
    await boughtBefore(domain('two.onmicrosoft.com'));
    expect((await asked()).microsoft_domain).toMatchObject({
      ...{ value: null, otherValues: ['two.onmicrosoft.com', 'one.onmicrosoft.com'] },
      problem: { blocks: true, detail: expect.stringContaining('two.onmicrosoft.com, one.onmicrosoft.com') },
    });
    expect((await quoting.place(bare())).status).toBe(422);
  });

  it('are searched among the purchases of the account, however many other accounts bought', async () => {
    const id = await boughtBefore(domain('earlier.onmicrosoft.com'));
    await quoting.pool.query(
      `insert into orders (id, tenant_id, connector_id, queue, kind, status, record, requested_by, correlation_id)
        select gen_random_uuid(), tenant_id, connector_id, queue, kind, status,
          jsonb_set(record::jsonb, '{spec,cmpAccountId}', to_jsonb('other-' || n))::json, requested_by, correlation_id
        from orders, generate_series(1, 3000) n where id = $1`,
      [id],
    );
    await quoting.pool.query('analyze orders');
    const issued = await statementsFor(quoting.tenantId, async () => {
      expect((await asked()).microsoft_domain).toMatchObject({ value: 'earlier.onmicrosoft.com' });
    });
    const search = issued.find((text) => text.includes('json_to_recordset'));
    const { rows } = await quoting.pool.query(`explain (generic_plan) ${search!}`);
    expect(JSON.stringify(rows)).toContain('orders_purchases_of_account');
  });

  it('warn of conflicting domains, of which that of the account is taken', async () => {
    knows('fabrikam.onmicrosoft.com', { customDomainConflicts: ['contoso.onmicrosoft.com'] });
    await boughtBefore(domain('earlier.onmicrosoft.com'));
    const { microsoft_domain: filled } = await asked();
    expect(filled).toMatchObject({
      ...{ value: 'fabrikam.onmicrosoft.com', source: 'account' },
      otherValues: ['contoso.onmicrosoft.com', 'earlier.onmicrosoft.com'],
      problem: { blocks: false, nextStep: expect.stringContaining('Check which tenant is meant') },
    });
    expect((await ask()).body.complete).toBe(true);
  });

  it('contain the agreement of a customer whose tenant does not exist yet', async () => {
    knows('new.onmicrosoft.com', { customDomainSeen: false });
    const agreement = {
      signedOn: '2026-11-05T10:00:00.000Z',
      firstName: 'Jane',
      lastName: 'Doe',
      email: 'j@x.example',
    };
    quoting.known.agreements.set(quoting.providerAccountId, agreement);
    const parameters = await asked();
    expect(parameters.agreement_date).toMatchObject({
      value: '11-05-2026',
      source: 'agreement',
      required: true,
    });
    expect(filledIn(parameters)).toMatchObject({ tenant_preference: 'new', mca_acceptance: 'yes' });
    expect(await ordered()).toEqual(filledIn(parameters));
    quoting.known.agreements.set(quoting.providerAccountId, { ...agreement, lastName: undefined });
    const { last_name_agreement: name } = await asked();
    expect(name).toMatchObject({ problem: { blocks: true, nextStep: expect.stringContaining('Work 365') } });
  });

  it('that are given with an order take precedence', async () => {
    knows('fabrikam.onmicrosoft.com');
    await boughtBefore(domain('earlier.onmicrosoft.com'));
    expect(await ordered(domain('mine.onmicrosoft.com'))).toEqual({
      microsoft_domain: 'mine.onmicrosoft.com',
    });
    const preference = [{ name: 'tenant_preference', value: 'existing' }];
    expect(await ordered(preference)).toMatchObject({ microsoft_domain: 'fabrikam.onmicrosoft.com' });
  });

  it('of a legacy product are the domain in its form', async () => {
    knows('fabrikam.onmicrosoft.com');
    const legacy = quoting.catalogue.find(
      ({ vendor, mpn }) => vendor === 'MICROSOFT' && /^[0-9a-f]{8}-/.test(mpn),
    )!;
    const { status, body } = await ask({
      partNumber: `INGRAM:MICROSOFT:${legacy.mpn}`,
      ...periodsOf(legacy),
    });
    expect([status, body.parameters]).toEqual([
      200,
      [expect.objectContaining({ name: 'domain', value: 'fabrikam', required: true, problem: null })],
    ]);
    quoting.known.domains.clear();
    const without = await ask({ partNumber: `INGRAM:MICROSOFT:${legacy.mpn}`, ...periodsOf(legacy) });
    expect(without.body).toMatchObject({ complete: false, parameters: [{ problem: { blocks: true } }] });
  });

  it('are none for another vendor', async () => {
    knows('fabrikam.onmicrosoft.com');
    const query = new URLSearchParams({
      ...{ providerAccountId: quoting.providerAccountId, partNumber: 'INGRAM:ACRONIS:ACR-CP-100G' },
    });
    const { status, body } = await quoting.call('GET', `/v1/purchase-parameters?${query}`);
    expect([status, body.complete, body.parameters]).toEqual([200, true, []]);
  });
});

const periodsOf = (product: Json): Record<string, string> => ({
  billingPeriod: `P${product.billingPeriod.duration}${product.billingPeriod.type[0].toUpperCase()}`,
  term: `P${product.subscriptionPeriod.duration}${product.subscriptionPeriod.type[0].toUpperCase()}`,
});

describe('the question', () => {
  it('about an account or a product that is not there is answered like its order', async () => {
    const unknown = await ask({ providerAccountId: randomUUID() });
    expect([unknown.status, unknown.body.type]).toEqual([
      404,
      'urn:isthmus:problem:provider-account.not-found',
    ]);
    const nothing = await ask({ partNumber: 'INGRAM:MICROSOFT:NOTHING' });
    expect([nothing.status, nothing.body.type]).toEqual([
      422,
      'urn:isthmus:problem:order.part-number-not-resolved',
    ]);
    expect(nothing.body.nextStep).toEqual(expect.any(String));
    expect((await ask({}, { tenant: randomUUID() })).status).toBe(404);
  });

  it.each([{ providerAccountId: 'x' }, { partNumber: '' }, { term: 'yearly' }, { seats: '1' }])(
    'is refused with %j',
    async (more: object) => expect((await ask(more as never)).status).toBe(400),
  );

  it('is for those who may order', async () => {
    expect((await ask({}, { roles: ['viewer'] })).status).toBe(403);
  });
});
