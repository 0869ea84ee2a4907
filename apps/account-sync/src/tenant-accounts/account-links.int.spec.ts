import { randomUUID } from 'node:crypto';
import { problemOf, runAccountSync, type RunningAccountSync } from '../../test/account-sync.fixture.ts';

let api: RunningAccountSync;
let usd: string;
beforeAll(async () => {
  api = await runAccountSync();
  usd = await api.connector();
});
afterAll(() => api.stop());
beforeEach(() => api.publishedEvents());

const put = (id: string, facts: object) =>
  api.call('PUT', `/v1/tenant-accounts/${id}`, { body: { name: 'Contoso', ...facts } });
const link = (account: string, tenantAccountId: string, as = {}) =>
  api.call('PUT', `/v1/provider-accounts/${account}/link`, { body: { tenantAccountId }, as });
const unlink = (account: string) => api.call('DELETE', `/v1/provider-accounts/${account}/link`);
const contract = (tenantAccountId: string, more = {}) =>
  api.call('POST', '/v1/billing-contracts', {
    body: { tenantAccountId, name: 'Main', currency: 'USD', startDate: '2026-01-01', ...more },
  });

async function tenantAccount(facts: object = {}): Promise<string> {
  const id = randomUUID();
  await put(id, facts);
  return id;
}

describe('a link', () => {
  it('says whose the account is, who said so and when, and an event tells it', async () => {
    const [account, tenant] = [await api.account(usd), await tenantAccount()];
    const linked = await link(account, tenant, { sub: 'ann', roles: ['operator'] });

    expect(linked).toMatchObject({
      status: 200,
      body: {
        tenantAccountId: tenant,
        tenantAccountName: 'Contoso',
        linkedBy: 'ann',
        linkedAt: expect.any(String),
        version: 2,
      },
    });
    expect(await api.publishedEvents()).toMatchObject([
      {
        subject: 'account-sync.provider-account-linked.v1',
        version: 2,
        tenantId: api.tenantId,
        data: { providerAccountId: account, tenantAccountId: tenant, by: 'ann' },
      },
    ]);
  });

  it('made twice is one link and one event', async () => {
    const [account, tenant] = [await api.account(usd), await tenantAccount()];
    const both = await Promise.all([link(account, tenant), link(account, tenant)]);
    expect(both.map(({ status, body }) => [status, body.version])).toEqual([
      [200, 2],
      [200, 2],
    ]);
    expect(await api.publishedEvents()).toHaveLength(1);
  });

  it('may join several accounts to one, and moves when it is made anew', async () => {
    const [a, b] = [await api.account(usd), await api.account(usd)];
    const [first, second] = [await tenantAccount(), await tenantAccount()];
    await link(a, first);
    await link(b, first);
    expect((await api.call('GET', `/v1/tenant-accounts/${first}`)).body.linkedProviderAccounts).toBe(2);
    expect((await link(b, second)).body.tenantAccountId).toBe(second);
    expect((await api.publishedEvents()).at(-1)).toMatchObject({
      version: 3,
      data: { tenantAccountId: second },
    });
  });

  it.each<[string, unknown, number]>([
    ['an unknown tenant account', { tenantAccountId: 'nobody' }, 422],
    ['no tenant account', {}, 400],
    ['an empty one', { tenantAccountId: '' }, 400],
  ])('is refused to %s, naming the field', async (_, body, status) => {
    const account = await api.account(usd);
    const refused = await api.call('PUT', `/v1/provider-accounts/${account}/link`, { body });
    expect(problemOf(refused)).toMatchObject({ status, fields: ['tenantAccountId'] });
    expect(await api.publishedEvents()).toEqual([]);
  });

  it("is refused to another tenant's tenant account", async () => {
    const account = await api.account(usd);
    const id = randomUUID();
    await api.insert('tenant_accounts', {
      tenant_id: randomUUID(),
      id,
      name: 'X',
      created_at: new Date(),
      updated_at: new Date(),
    });
    expect((await link(account, id)).status).toBe(422);
  });

  it('is taken away with an event, once', async () => {
    const [account, tenant] = [await api.account(usd), await tenantAccount()];
    await link(account, tenant);
    await api.publishedEvents();
    expect((await unlink(account)).status).toBe(204);
    expect((await unlink(account)).status).toBe(204);
    expect(await api.publishedEvents()).toMatchObject([
      {
        subject: 'account-sync.provider-account-unlinked.v1',
        version: 3,
        data: { providerAccountId: account, tenantAccountId: tenant },
      },
    ]);
  });

  it('is for operators', async () => {
    const account = await api.account(usd);
    const as = { roles: ['viewer'] };
    expect((await link(account, 'x', as)).status).toBe(403);
    expect((await api.call('DELETE', `/v1/provider-accounts/${account}/link`, { as })).status).toBe(403);
  });
});

describe('a link that contracts depend on', () => {
  it('stays, by unlinking as by moving, and the answer names the contracts', async () => {
    const [account, tenant, other] = [await api.account(usd), await tenantAccount(), await tenantAccount()];
    await link(account, tenant);
    const { body } = await contract(tenant, { name: 'Main' });
    await api.publishedEvents();

    for (const refused of [await unlink(account), await link(account, other)]) {
      expect(problemOf(refused)).toMatchObject({
        status: 409,
        code: 'provider-account.contracts-depend-on-link',
      });
      expect(refused.body.billingContracts).toEqual([{ id: body.id, name: 'Main' }]);
      expect(refused.body.nextStep).toMatch(/Link another/);
      expect(refused.body.title).toBe('Billing contracts depend on the link');
    }
    expect(await api.publishedEvents()).toEqual([]);
  });

  it('may go when another account of the same currency is linked, but not when that is of another', async () => {
    const gbp = await api.connector({ currency: 'GBP' });
    const tenant = await tenantAccount();
    const [dollars, pounds, moreDollars] = [
      await api.account(usd),
      await api.account(gbp),
      await api.account(usd),
    ];
    await link(dollars, tenant);
    await contract(tenant);
    await link(pounds, tenant);
    expect((await unlink(dollars)).status).toBe(409);
    await link(moreDollars, tenant);
    expect((await unlink(dollars)).status).toBe(204);
  });

  it('may go when the contracts have ended', async () => {
    const [account, tenant] = [await api.account(usd), await tenantAccount()];
    await link(account, tenant);
    await contract(tenant, { endDate: '2026-01-31' });
    expect((await unlink(account)).status).toBe(204);
  });

  it('keeps one of two accounts that are unlinked at the same moment', async () => {
    const [a, b, tenant] = [await api.account(usd), await api.account(usd), await tenantAccount()];
    await link(a, tenant);
    await link(b, tenant);
    await contract(tenant);
    const both = await Promise.all([unlink(a), unlink(b)]);
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([204, 409]);
  });
});

describe('link suggestions', () => {
  it('come with score and reasons out of what is stored, ties shown, and link nothing', async () => {
    const account = await api.account(usd, {
      name: 'Northwind Ltd',
      email: 'it@northwind.test',
      tax_reg_id: 'NW-55501',
    });
    await api.subscription(usd, account, { microsoft_domain: 'northwind.onmicrosoft.com' });
    const best = await tenantAccount({
      name: 'Northwind',
      domains: ['Northwind.onmicrosoft.com'],
      taxRegId: 'nw55501',
    });
    const [one, other] = [
      await tenantAccount({ name: 'N. Wind', emails: ['ceo@northwind.test'] }),
      await tenantAccount({ name: 'N. Wind', emails: ['cfo@northwind.test'] }),
    ];
    const { body } = await api.call('GET', `/v1/provider-accounts/${account}/link-suggestions`, {
      as: { roles: ['viewer'] },
    });

    expect(body.data).toHaveLength(3);
    expect(body.data[0]).toMatchObject({ tenantAccountId: best, score: 100, tied: false });
    expect(body.data[0].reasons.map(({ code }: { code: string }) => code)).toEqual([
      'same-tax-id',
      'same-domain',
      'same-name',
    ]);
    expect(body.data.slice(1)).toEqual(
      [one, other].sort().map((tenantAccountId) => ({
        tenantAccountId,
        name: 'N. Wind',
        score: 30,
        tied: true,
        reasons: [{ code: 'same-email-domain', detail: 'Both have e-mail addresses at @northwind.test.' }],
      })),
    );
    expect((await api.call('GET', `/v1/provider-accounts/${account}`)).body.tenantAccountId).toBeNull();
  });

  it("never come from another tenant's accounts", async () => {
    const name = `Only ${randomUUID()}`;
    const account = await api.account(usd, { name });
    const row = { tenant_id: randomUUID(), id: 'w-9', name, created_at: new Date(), updated_at: new Date() };
    await api.insert('tenant_accounts', row);
    expect((await api.call('GET', `/v1/provider-accounts/${account}/link-suggestions`)).body.data).toEqual(
      [],
    );
  });
});
