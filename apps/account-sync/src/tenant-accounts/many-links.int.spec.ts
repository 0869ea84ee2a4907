import { randomUUID } from 'node:crypto';
import { type Json, runAccountSync, type RunningAccountSync } from '../../test/account-sync.fixture.ts';

let api: RunningAccountSync;
let connectorId: string;
beforeAll(async () => {
  api = await runAccountSync();
  connectorId = await api.connector();
});
afterAll(() => api.stop());

const tenantAccount = (id: string, body: object) => api.call('PUT', `/v1/tenant-accounts/${id}`, { body });
const link = (body: object, as = {}) => api.call('POST', '/v1/provider-accounts/links', { body, as });
const linkOf = async (id: string) =>
  (await api.call('GET', `/v1/provider-accounts/${id}`)).body.tenantAccountId;
const linkedEvents = async () =>
  (await api.publishedEvents()).filter(({ subject }) => subject.includes('provider-account-linked'));

describe('many links at once', () => {
  it('are made one by one: what is refused says why and does not affect the others', async () => {
    await tenantAccount('T1', { name: 'One' });
    await tenantAccount('T2', { name: 'Two' });
    const [a, b, already] = [
      await api.account(connectorId),
      await api.account(connectorId),
      await api.account(connectorId, { tenant_account_id: 'T2' }),
    ];
    const nobody = randomUUID();
    await api.publishedEvents();
    const links = [
      { providerAccountId: a, tenantAccountId: 'T1' },
      { providerAccountId: nobody, tenantAccountId: 'T1' },
      { providerAccountId: b, tenantAccountId: 'missing' },
      { providerAccountId: already, tenantAccountId: 'T2' },
    ];
    const { status, body } = await link({ links });
    expect(status).toBe(200);
    expect(body).toMatchObject({ dryRun: false, linked: 1, unchanged: 1, refused: 2 });
    expect(body.results.map(({ outcome, code }: Json) => [outcome, code])).toEqual([
      ['linked', undefined],
      ['refused', 'provider-account.not-found'],
      ['refused', 'input.unusable-field'],
      ['unchanged', undefined],
    ]);
    expect([await linkOf(a), await linkOf(b)]).toEqual(['T1', null]);
    expect((await linkedEvents()).map(({ data }) => data.providerAccountId)).toEqual([a]);
    expect((await link({ links })).body).toMatchObject({ linked: 0, unchanged: 2, refused: 2 });
  });

  it('change and tell nothing in a dry run, which says the same', async () => {
    await tenantAccount('T3', { name: 'Three' });
    const account = await api.account(connectorId);
    await api.publishedEvents();
    const links = [
      { providerAccountId: account, tenantAccountId: 'T3' },
      { providerAccountId: randomUUID().toUpperCase(), tenantAccountId: 'T3' },
    ];
    const tried = await link({ links, dryRun: true });
    expect(tried.body).toMatchObject({ dryRun: true, linked: 1, refused: 1 });
    expect(await linkOf(account)).toBeNull();
    expect(await api.publishedEvents()).toEqual([]);
    const made = await link({ links });
    expect(made.body.results).toEqual(tried.body.results);
    expect(await linkOf(account)).toBe('T3');
  });

  it('are those of suggestions that leave no doubt: none that ties, none below the score', async () => {
    const other = await api.connector({ name: 'Ingram UK' });
    await tenantAccount('S1', { name: 'Woodgrove Bank', domains: ['woodgrove.com'] });
    await tenantAccount('S2', { name: 'Twin', domains: ['twin.com'] });
    await tenantAccount('S3', { name: 'Twin', domains: ['twin.com'] });
    await tenantAccount('S4', { name: 'Lucerne' });
    const sure = await api.account(other, { name: 'Woodgrove Bank', custom_domain: 'woodgrove.com' });
    const tied = await api.account(other, { name: 'Twin', custom_domain: 'twin.com' });
    const weak = await api.account(other, { name: 'Lucerne' });
    const suggested = { connectorId: other };
    const tried = await link({ suggested, dryRun: true });
    expect(tried.body.results).toEqual([
      { providerAccountId: sure, tenantAccountId: 'S1', outcome: 'linked' },
    ]);
    expect((await link({ suggested: { ...suggested, minScore: 40 } })).body.linked).toBe(2);
    expect([await linkOf(sure), await linkOf(tied), await linkOf(weak)]).toEqual(['S1', null, 'S4']);
  });

  it.each<[string, object]>([
    ['neither links nor suggestions', {}],
    ['both', { links: [{ providerAccountId: randomUUID(), tenantAccountId: 'T1' }], suggested: {} }],
    ['no links', { links: [] }],
    [
      'an account twice',
      { links: Array(2).fill({ providerAccountId: randomUUID(), tenantAccountId: 'T1' }) },
    ],
    ['what is no id', { links: [{ providerAccountId: 'x', tenantAccountId: 'T1' }] }],
    ['a score beyond all', { suggested: { minScore: 101 } }],
    ['a text for a flag', { suggested: {}, dryRun: 'yes' }],
  ])('are refused with %s', async (_, body) => {
    expect((await link(body)).status).toBe(400);
  });

  it("are nobody else's, and no viewer's", async () => {
    const providerAccountId = await api.account(connectorId);
    const body = { links: [{ providerAccountId, tenantAccountId: 'T1' }] };
    expect((await link(body, { roles: ['viewer'] })).status).toBe(403);
    const foreign = await link(body, { tenant: randomUUID() });
    expect(foreign.body.results[0].code).toBe('provider-account.not-found');
  });
});

describe('a tenant account that is deleted', () => {
  it('is gone, unless something is linked to it or it has contracts', async () => {
    const remove = (id: string, as = {}) => api.call('DELETE', `/v1/tenant-accounts/${id}`, { as });
    await tenantAccount('D1', { name: 'Alone' });
    await tenantAccount('D2', { name: 'Linked' });
    const account = await api.account(connectorId, { tenant_account_id: 'D2' });
    expect((await remove('D1', { tenant: randomUUID() })).status).toBe(404);
    expect((await remove('D1', { roles: ['viewer'] })).status).toBe(403);
    expect((await remove('D1')).status).toBe(204);
    expect((await api.call('GET', '/v1/tenant-accounts/D1')).status).toBe(404);
    expect((await remove('D1')).status).toBe(404);
    const refused = await remove('D2');
    expect(refused).toMatchObject({
      status: 409,
      body: {
        type: 'urn:isthmus:problem:tenant-account.in-use',
        linkedProviderAccounts: 1,
        billingContracts: 0,
      },
    });
    const contract = {
      tenantAccountId: 'D2',
      name: 'Main',
      currency: 'USD',
      startDate: '2020-01-01',
      endDate: '2020-12-31',
    };
    expect((await api.call('POST', '/v1/billing-contracts', { body: contract })).status).toBe(201);
    await api.call('DELETE', `/v1/provider-accounts/${account}/link`);
    expect((await remove('D2')).body).toMatchObject({ linkedProviderAccounts: 0, billingContracts: 1 });
    const [shown] = (await api.call('GET', '/v1/billing-contracts?tenantAccountId=D2')).body.data;
    expect(shown.tenantAccountName).toBe('Linked');
  });
});

describe('accounts that wait for a person', () => {
  it('are counted and found', async () => {
    const of = await api.connector({ name: 'Ingram DE' });
    await tenantAccount('W1', { name: 'With contract' });
    await tenantAccount('W2', { name: 'Without' });
    const paying = await api.account(of, {
      name: 'A',
      tenant_account_id: 'W1',
      custom_domain: 'a.onmicrosoft.com',
    });
    const contract = { tenantAccountId: 'W1', name: 'Main', currency: 'USD', startDate: '2026-01-01' };
    expect((await api.call('POST', '/v1/billing-contracts', { body: contract })).status).toBe(201);
    await api.account(of, { name: 'B', tenant_account_id: 'W2', sync_enabled: false });
    await api.account(of, { name: 'C' });
    await api.account(of, { name: 'D', status: 'cancelled' });
    await api.subscription(of, paying, { quantity: 5 });
    await api.subscription(of, paying, { quantity: 7 });
    await api.subscription(of, paying, { quantity: 9, status: 'terminated' });
    const get = async (path: string) => (await api.call('GET', path)).body;
    expect(await get(`/v1/provider-accounts/counts?connectorId=${of}`)).toEqual({
      ...{ all: 3, unlinked: 1, withoutContract: 1, domainMissing: 2, domainConflict: 0, syncDisabled: 1 },
    });
    const names = async (query: string) =>
      (await get(`/v1/provider-accounts?connectorId=${of}&${query}`)).data.map(({ name }: Json) => name);
    expect(await names('hasContract=true')).toEqual(['A']);
    expect(await names('hasContract=false&linked=true')).toEqual(['B']);
    expect(await names('syncEnabled=false')).toEqual(['B']);
    expect(await names('domain=missing')).toEqual(['B', 'C']);
    expect(await names('domain=conflict')).toEqual([]);
    expect(await get(`/v1/provider-accounts/${paying}`)).toMatchObject({
      ...{ liveSubscriptions: 2, seats: 12, billingContracts: 1 },
    });
  });
});
