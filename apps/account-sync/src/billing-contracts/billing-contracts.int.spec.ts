import { randomUUID } from 'node:crypto';
import { problemOf, runAccountSync, type RunningAccountSync } from '../../test/account-sync.fixture.ts';

let api: RunningAccountSync;
let usd: string;
let tenant: string;
beforeAll(async () => {
  api = await runAccountSync();
  usd = await api.connector();
});
afterAll(() => api.stop());
beforeEach(async () => {
  tenant = await tenantAccount();
  await api.account(usd, { tenant_account_id: tenant });
  await api.publishedEvents();
});

async function tenantAccount(): Promise<string> {
  const id = randomUUID();
  await api.call('PUT', `/v1/tenant-accounts/${id}`, { body: { name: 'Contoso' } });
  return id;
}

const terms = { name: 'Main', currency: 'USD', startDate: '2026-01-01' };
const create = (more: object = {}, as = {}) =>
  api.call('POST', '/v1/billing-contracts', { body: { tenantAccountId: tenant, ...terms, ...more }, as });
const read = (id: string) => api.call('GET', `/v1/billing-contracts/${id}`);
const patch = (id: string, version: number, body: unknown) =>
  api.call('PATCH', `/v1/billing-contracts/${id}`, { body, headers: { 'if-match': `"${version}"` } });

describe('a billing contract', () => {
  it('is made for a tenant account, the first one as its default, and an event tells its terms', async () => {
    const made = await create({ endDate: '2026-12-31' }, { sub: 'ann', roles: ['operator'] });

    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`/v1/billing-contracts/${made.body.id}`);
    expect(made.headers.get('etag')).toBe('"1"');
    const told = { ...terms, tenantAccountId: tenant, endDate: '2026-12-31', isDefault: true };
    expect(made.body).toMatchObject({ ...told, createdBy: 'ann', version: 1 });
    expect(await api.publishedEvents()).toMatchObject([
      {
        subject: 'account-sync.billing-contract-created.v1',
        version: 1,
        data: { billingContractId: made.body.id, ...told },
      },
    ]);
    expect((await read(made.body.id)).body).toEqual(made.body);
  });

  it('needs a linked provider account', async () => {
    tenant = await tenantAccount();
    expect(problemOf(await create())).toMatchObject({
      status: 409,
      code: 'billing-contract.no-linked-account',
    });
    expect(await api.publishedEvents()).toEqual([]);
  });

  it.each<[string, object, number, string]>([
    ['a currency that is not three letters', { currency: 'EURO' }, 400, 'currency'],
    ['an old currency that no linked account is billed in', { currency: 'HRK' }, 422, 'currency'],
    ['a currency in small letters', { currency: 'usd' }, 400, 'currency'],
    ['a currency no linked account is billed in', { currency: 'GBP' }, 422, 'currency'],
    ['an end before the start', { endDate: '2025-12-31' }, 422, 'endDate'],
    ['a day that does not exist', { startDate: '2026-02-30' }, 400, 'startDate'],
    ['a moment for a day', { startDate: '2026-02-01T00:00:00Z' }, 400, 'startDate'],
    ['no name', { name: '' }, 400, 'name'],
    ['null for a name', { name: null }, 400, 'name'],
    ['a text for a flag', { isDefault: 'true' }, 400, 'isDefault'],
    ['an unknown tenant account', { tenantAccountId: 'nobody' }, 422, 'tenantAccountId'],
    ['an unknown field', { price: 1 }, 400, 'price'],
  ])('is refused with %s, naming the field', async (_, wrong, status, field) => {
    expect(problemOf(await create(wrong))).toMatchObject({ status, fields: [field] });
    const { n } = await api.one(
      'select count(*)::int as n from billing_contracts where tenant_account_id = $1',
      [tenant],
    );
    expect(n).toBe(0);
    expect(await api.publishedEvents()).toEqual([]);
  });

  it('may be in any currency of the linked accounts', async () => {
    const gbp = await api.connector({ currency: 'GBP' });
    await api.account(gbp, { tenant_account_id: tenant });
    expect((await create({ currency: 'GBP' })).status).toBe(201);
    expect((await create({ currency: 'USD' })).status).toBe(201);
    expect((await create({ currency: 'EUR' })).body.nextStep).toContain('GBP or USD');
  });

  it('is changed by who has seen its present version, and only where it differs', async () => {
    const { body } = await create();
    await api.publishedEvents();
    expect((await api.call('PATCH', `/v1/billing-contracts/${body.id}`, { body: {} })).status).toBe(428);
    expect((await patch(body.id, 9, { name: 'New' })).status).toBe(412);
    expect((await patch(body.id, 1, { name: 'Main' })).body.version).toBe(1);
    expect(await api.publishedEvents()).toEqual([]);

    const changed = await patch(body.id, 1, { name: 'New', endDate: '2027-01-31' });
    expect(changed.body).toMatchObject({ name: 'New', endDate: '2027-01-31', currency: 'USD', version: 2 });
    expect((await patch(body.id, 2, { endDate: null })).body.endDate).toBeNull();
    expect((await api.publishedEvents()).map(({ subject, version }) => [subject, version])).toEqual([
      ['account-sync.billing-contract-changed.v1', 2],
      ['account-sync.billing-contract-changed.v1', 3],
    ]);
  });

  it.each<[object, number, string]>([
    [{ endDate: '2025-01-01' }, 422, 'endDate'],
    [{ startDate: '2027-01-01' }, 422, 'endDate'],
    [{ currency: 'GBP' }, 422, 'currency'],
    [{ currency: null }, 400, 'currency'],
    [{ tenantAccountId: 'other' }, 400, 'tenantAccountId'],
  ])('keeps its terms when %j would break them', async (wrong, status, field) => {
    const { body } = await create({ endDate: '2026-12-31' });
    expect(problemOf(await patch(body.id, 1, wrong))).toMatchObject({ status, fields: [field] });
    expect((await read(body.id)).body).toEqual(body);
  });

  it('says of a term that does not hold what is wrong with it and what to do', async () => {
    const refused = await create({ endDate: '2025-12-31' });
    const detail = 'The contract would end on 2025-12-31, before it starts on 2026-01-01.';
    const nextStep = 'Send an endDate on or after the startDate, or none.';
    expect(refused.body).toMatchObject({
      type: 'urn:isthmus:problem:input.unusable-field',
      title: 'A field cannot be used',
      detail,
      nextStep,
      errors: [{ field: 'endDate', message: `${detail} ${nextStep}` }],
    });
  });

  it('is found by its name or its account, and by whether it has ended', async () => {
    const today = new Date().toISOString().slice(0, 10);
    await create({ name: 'Monthly 100%' });
    await create({ name: 'Over', endDate: '2026-01-31' });
    await create({ name: 'Last day', endDate: today });
    const names = async (query: string): Promise<string[]> =>
      (await api.call('GET', `/v1/billing-contracts?tenantAccountId=${tenant}&${query}`)).body.data.map(
        ({ name }: { name: string }) => name,
      );
    expect(await names('')).toEqual(['Last day', 'Monthly 100%', 'Over']);
    expect(await names('ended=exclude')).toEqual(['Last day', 'Monthly 100%']);
    expect(await names('ended=only')).toEqual(['Over']);
    expect(await names('q=monthly')).toEqual(['Monthly 100%']);
    expect(await names('q=100%25')).toEqual(['Monthly 100%']);
    expect(await names('q=CONTOSO')).toHaveLength(3);
    expect(await names(`q=${tenant}`)).toHaveLength(3);
    expect(await names('q=fabrikam')).toEqual([]);
    for (const bad of ['ended=maybe', 'q=', 'clearDefault=1x'])
      expect((await api.call('GET', `/v1/billing-contracts?${bad}`)).status).toBe(400);
  });

  it("is nobody else's", async () => {
    const { body } = await create();
    const as = { tenant: randomUUID() };
    expect((await api.call('GET', `/v1/billing-contracts/${body.id}`, { as })).status).toBe(404);
    const headers = { 'if-match': '"1"' };
    const changed = await api.call('PATCH', `/v1/billing-contracts/${body.id}`, {
      as,
      headers,
      body: { name: 'Mine' },
    });
    expect(changed.status).toBe(404);
    expect((await api.call('GET', '/v1/billing-contracts', { as })).body.data).toEqual([]);
    expect((await create({}, { roles: ['viewer'] })).status).toBe(403);
  });
});

describe('the default contract', () => {
  const defaults = async () =>
    (await api.call('GET', `/v1/billing-contracts?tenantAccountId=${tenant}&isDefault=true`)).body.data.map(
      ({ name }: { name: string }) => name,
    );

  it('is the first unless told otherwise, and a second one is not by itself', async () => {
    await create({ name: 'First', isDefault: false });
    expect(await defaults()).toEqual([]);
    await create({ name: 'Second' });
    expect(await defaults()).toEqual([]);
  });

  it('is taken over by a new one, and both are told', async () => {
    const first = await create({ name: 'First' });
    await api.publishedEvents();
    const second = await create({ name: 'Second', isDefault: true });
    expect(await defaults()).toEqual(['Second']);
    expect(
      (await api.publishedEvents()).map(({ subject, version, data }) => [
        subject,
        version,
        data.billingContractId,
        data.isDefault,
      ]),
    ).toEqual([
      ['account-sync.billing-contract-changed.v1', 2, first.body.id, false],
      ['account-sync.billing-contract-created.v1', 1, second.body.id, true],
    ]);
  });

  it('is taken over by a change, and given up by one', async () => {
    await create({ name: 'First' });
    const { body } = await create({ name: 'Second' });
    await patch(body.id, 1, { isDefault: true });
    expect(await defaults()).toEqual(['Second']);
    await patch(body.id, 2, { isDefault: false });
    expect(await defaults()).toEqual([]);
  });

  it('stays with the one that has it when the taking over fails', async () => {
    await create({ name: 'First' });
    await create({ name: 'Second', isDefault: true, currency: 'GBP' });
    expect(await defaults()).toEqual(['First']);
  });

  it('is missing where there is none, or none that is in force', async () => {
    const names = async (query: string): Promise<string[]> =>
      (await api.call('GET', `/v1/billing-contracts?tenantAccountId=${tenant}&${query}`)).body.data.map(
        ({ name }: { name: string }) => name,
      );
    const first = await create({ name: 'First' });
    await create({ name: 'Second' });
    expect(first.body.accountDefaults).toBe(1);
    expect(await names('clearDefault=false')).toEqual([]);
    expect(await names('clearDefault=true')).toEqual(['First', 'Second']);

    const ended = await patch(first.body.id, 1, { endDate: '2026-01-31' });
    expect(ended.body).toMatchObject({ isDefault: true, accountDefaults: 0 });
    expect(await names('clearDefault=false')).toEqual(['First', 'Second']);
    expect(await names('clearDefault=true')).toEqual([]);
    await patch(first.body.id, 2, { isDefault: false, endDate: null });
    expect(await names('clearDefault=false')).toEqual(['First', 'Second']);
    expect((await api.call('GET', '/v1/billing-contracts?clearDefault=maybe')).status).toBe(400);
  });

  it('is one, however many are made at the same moment', async () => {
    const made = await Promise.all(
      ['A', 'B', 'C', 'D', 'E'].map((name) => create({ name, isDefault: true })),
    );
    expect(made.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(await defaults()).toHaveLength(1);
    expect((await api.publishedEvents()).filter(({ data }) => data.isDefault)).toHaveLength(5);
  });
});

describe('a tenant account', () => {
  const put = (id: string, body: unknown, headers = {}) =>
    api.call('PUT', `/v1/tenant-accounts/${id}`, { body, headers });

  it('is made, then replaced, by the same request', async () => {
    const id = `w365-${randomUUID()}`;
    const facts = { name: 'Contoso', domains: ['Contoso.test'], emails: ['A@contoso.test'], taxRegId: 'X1' };
    const made = await put(id, facts);
    expect(made).toMatchObject({
      status: 201,
      body: { id, domains: ['contoso.test'], emails: ['a@contoso.test'], version: 1 },
    });
    expect(await put(id, facts)).toMatchObject({ status: 200, body: { version: 1 } });
    expect(await put(id, { name: 'Contoso 2' })).toMatchObject({
      status: 200,
      body: { name: 'Contoso 2', domains: [], emails: [], taxRegId: null, version: 2 },
    });
    expect((await put(id, { name: 'Late' }, { 'if-match': '"1"' })).status).toBe(412);
    expect((await api.call('GET', `/v1/tenant-accounts/${id}`)).body.name).toBe('Contoso 2');
  });

  it.each<[string, unknown, string]>([
    ['a domain that is none', { name: 'A', domains: ['nowhere'] }, 'domains'],
    ['an address that is none', { name: 'A', emails: ['x'] }, 'emails'],
    ['a text for a list', { name: 'A', domains: 'a.test' }, 'domains'],
    [
      'too many domains',
      { name: 'A', domains: Array.from({ length: 51 }, (_, n) => `d${n}.test`) },
      'domains',
    ],
    ['no name', {}, 'name'],
  ])('is refused with %s, naming the field', async (_, body, field) => {
    const id = randomUUID();
    const refused = problemOf(await put(id, body));
    expect(refused.status).toBe(400);
    expect(new Set(refused.fields)).toEqual(new Set([field]));
    expect((await api.call('GET', `/v1/tenant-accounts/${id}`)).status).toBe(404);
  });

  it('has an id of a harmless form', async () => {
    expect(problemOf(await put('a%20b', { name: 'A' }))).toMatchObject({ status: 400, fields: ['id'] });
  });

  it('is found by name or domain, and only by its own tenant', async () => {
    const mark = randomUUID();
    await put(`a-${mark}`, { name: `Adatum ${mark}` });
    await put(`b-${mark}`, { name: 'Bellows', domains: [`${mark}.test`] });
    const found = (as = {}) => api.call('GET', `/v1/tenant-accounts?q=${mark.toUpperCase()}`, { as });
    expect((await found()).body.data.map(({ name }: { name: string }) => name)).toEqual([
      `Adatum ${mark}`,
      'Bellows',
    ]);
    expect((await found({ tenant: randomUUID() })).body.data).toEqual([]);
  });
});
