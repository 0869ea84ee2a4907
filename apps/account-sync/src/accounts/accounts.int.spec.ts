import { randomUUID } from 'node:crypto';
import { problemOf, runAccountSync, type RunningAccountSync } from '../../test/account-sync.fixture.ts';

let api: RunningAccountSync;
let connectorId: string;
beforeAll(async () => {
  api = await runAccountSync();
});
afterAll(() => api.stop());
beforeEach(async () => {
  connectorId = await api.connector();
  await api.publishedEvents();
});

const idsOf = ({ body }: { body: { data: { id: string }[] } }) => body.data.map(({ id }) => id);
const list = (query: string) => api.call('GET', `/v1/provider-accounts?connectorId=${connectorId}${query}`);
const read = (id: string) => api.call('GET', `/v1/provider-accounts/${id}`);
const patch = (id: string, version: number, body: unknown, as = {}) =>
  api.call('PATCH', `/v1/provider-accounts/${id}`, { body, headers: { 'if-match': `"${version}"` }, as });

describe('the list of provider accounts', () => {
  it('is by name, page by page, each account once, also those of one name', async () => {
    const names = ['Beta', 'Alpha', 'Beta', 'Beta', 'Gamma'];
    const ids = await Promise.all(names.map((name) => api.account(connectorId, { name })));
    const seen: string[] = [];
    let cursor = '';
    do {
      const answer = await list(`&limit=2${cursor}`);
      seen.push(...idsOf(answer));
      cursor = answer.body.nextCursor && `&cursor=${answer.body.nextCursor}`;
    } while (cursor);
    expect([seen[0], seen.at(-1)]).toEqual([ids[1], ids[4]]);
    expect([...seen].sort()).toEqual([...ids].sort());
  });

  it.each(['fabrik', 'FABRIKAM.onm', 'W-77', 'cmp-fab'])('finds by %s', async (q) => {
    const found = await api.account(connectorId, {
      name: 'Fabrikam',
      custom_domain: 'fabrikam.onmicrosoft.com',
      external_id: 'w-77',
      cmp_id: `cmp-fab-${randomUUID()}`,
    });
    await api.account(connectorId, { name: 'Other' });
    expect(idsOf(await list(`&q=${q}`))).toEqual([found]);
  });

  it('takes a percent sign in a search for a percent sign', async () => {
    const found = await api.account(connectorId, { name: '100% Cloud' });
    await api.account(connectorId, { name: '1000 Clouds' });
    expect(idsOf(await list('&q=100%25'))).toEqual([found]);
  });

  it('tells linked from unlinked, and leaves out what is gone unless asked', async () => {
    const linked = await api.account(connectorId, { name: 'A', tenant_account_id: 'w-1' });
    const unlinked = await api.account(connectorId, { name: 'B' });
    const gone = await api.account(connectorId, { name: 'C', gone_at: new Date() });
    expect(idsOf(await list('&linked=true'))).toEqual([linked]);
    expect(idsOf(await list('&linked=false'))).toEqual([unlinked]);
    expect(idsOf(await list('&includeGone=true'))).toEqual([linked, unlinked, gone]);
    expect(idsOf(await list('&tenantAccountId=w-1'))).toEqual([linked]);
  });

  it('leaves out what is closed unless asked, and shows that alone when asked', async () => {
    const open = await api.account(connectorId, { name: 'B' });
    const closed = await api.account(connectorId, { name: 'A', status: 'cancelled' });
    const gone = await api.account(connectorId, { name: 'C', gone_at: new Date() });
    expect(idsOf(await list(''))).toEqual([open]);
    expect(idsOf(await list('&ended=only'))).toEqual([closed, gone]);
    expect(idsOf(await list('&ended=include'))).toEqual([closed, open, gone]);
  });

  it('counts the live subscriptions whose seats are not known yet', async () => {
    const id = await api.account(connectorId);
    await api.subscription(connectorId, id);
    await api.subscription(connectorId, id, { lines: '[]', quantity: 0 });
    await api.subscription(connectorId, id, { status: 'terminated' });
    await api.subscription(connectorId, id, { gone_at: new Date() });
    expect((await read(id)).body.unreadSubscriptions).toBe(1);
  });

  it.each(['linked=maybe', 'includeGone=1', 'ended=true', 'q=', 'connectorId=7', 'cursor=W10', 'colour=red'])(
    'refuses %s, naming it',
    async (query) => {
      const answer = await api.call('GET', `/v1/provider-accounts?${query}`);
      expect(problemOf(answer)).toMatchObject({ status: 400, fields: [query.split('=')[0]] });
    },
  );

  it("shows nothing of another tenant's, and lets nobody change it", async () => {
    const id = await api.account(connectorId, { tenant_id: randomUUID() });
    expect(idsOf(await list('&includeGone=true'))).toEqual([]);
    const answers = [
      await read(id),
      await patch(id, 1, { syncEnabled: false }),
      await api.call('PUT', `/v1/provider-accounts/${id}/link`, { body: { tenantAccountId: 'w-1' } }),
      await api.call('DELETE', `/v1/provider-accounts/${id}/link`),
      await api.call('GET', `/v1/provider-accounts/${id}/link-suggestions`),
      await api.call('GET', `/v1/provider-accounts/${id}/subscriptions`),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    expect(await api.one('select version, sync_enabled from provider_accounts where id = $1', [id])).toEqual({
      version: 1,
      sync_enabled: true,
    });
  });
});

describe('how fresh an account is', () => {
  const complete = { scope: 'accounts', complete: true, started_at: '2026-05-01T00:00:00Z' };

  it('is known from the last complete run over all accounts, as an unchanged row is not written', async () => {
    const id = await api.account(connectorId);
    expect((await read(id)).body.asOf).toBe('2026-01-01T00:00:00.000Z');
    await api.run(connectorId, complete);
    expect((await read(id)).body.asOf).toBe('2026-05-01T00:00:00.000Z');
  });

  it.each<[string, object]>([
    ['incomplete', { complete: false }],
    ['failed', { status: 'failed' }],
    ['a plan', { apply: false }],
    ['of another scope', { scope: 'orders' }],
  ])('is not improved by a run that is %s', async (_, change) => {
    const id = await api.account(connectorId);
    await api.run(connectorId, { ...complete, ...change });
    expect((await read(id)).body.asOf).toBe('2026-01-01T00:00:00.000Z');
  });
});

describe('the custom domain', () => {
  const seen = (id: string, ...domains: (string | null)[]) =>
    Promise.all(domains.map((microsoft_domain) => api.subscription(connectorId, id, { microsoft_domain })));

  it("is a person's word once it was edited, and the event says so", async () => {
    const id = await api.account(connectorId, {
      custom_domain: 'old.onmicrosoft.com',
      custom_domain_source: 'cmp',
    });
    const changed = await patch(id, 1, { customDomain: ' New.OnMicrosoft.com ' });

    expect(changed).toMatchObject({
      status: 200,
      body: { customDomain: 'new.onmicrosoft.com', customDomainSource: 'manual', version: 2 },
    });
    expect(changed.headers.get('etag')).toBe('"2"');
    expect(await api.publishedEvents()).toMatchObject([
      {
        subject: 'account-sync.provider-account-changed.v1',
        version: 2,
        data: {
          providerAccountId: id,
          customDomain: 'new.onmicrosoft.com',
          changed: ['customDomain'],
          changes: [{ field: 'customDomain', from: 'old.onmicrosoft.com', to: 'new.onmicrosoft.com' }],
        },
      },
    ]);
  });

  it("shows every domain seen on the account's subscriptions, once", async () => {
    const id = await api.account(connectorId);
    await seen(id, 'b.onmicrosoft.com', 'a.onmicrosoft.com', 'b.onmicrosoft.com', null);
    expect((await read(id)).body.customDomainCandidates).toEqual(['a.onmicrosoft.com', 'b.onmicrosoft.com']);
  });

  it('of CMP’s data shows the others its live subscriptions have, until a person has chosen', async () => {
    const known = { custom_domain: 'a.onmicrosoft.com', custom_domain_source: 'cmp' };
    const id = await api.account(connectorId, known);
    await seen(id, 'a.onmicrosoft.com', 'b.onmicrosoft.com');
    await api.subscription(connectorId, id, {
      status: 'terminated',
      microsoft_domain: 'old.onmicrosoft.com',
    });
    expect((await read(id)).body).toMatchObject({
      customDomain: 'a.onmicrosoft.com',
      customDomainConflicts: ['b.onmicrosoft.com'],
    });
    await patch(id, 1, { customDomain: 'a.onmicrosoft.com' });
    expect((await read(id)).body).toMatchObject({ customDomainSource: 'manual', customDomainConflicts: [] });
  });

  it("becomes CMP's again when it is cleared: the only one seen, or none where there are several", async () => {
    const manual = { custom_domain: 'x.onmicrosoft.com', custom_domain_source: 'manual' };
    const [one, two] = [await api.account(connectorId, manual), await api.account(connectorId, manual)];
    await seen(one, 'a.onmicrosoft.com');
    await seen(two, 'a.onmicrosoft.com', 'b.onmicrosoft.com');

    const fromCmp = { customDomain: 'a.onmicrosoft.com', customDomainSource: 'cmp' };
    expect((await patch(one, 1, { customDomain: null })).body).toMatchObject(fromCmp);
    const open = { customDomain: null, customDomainSource: null };
    expect((await patch(two, 1, { customDomain: null })).body).toMatchObject(open);
    expect((await api.publishedEvents()).map(({ data }) => data.customDomain)).toEqual([
      'a.onmicrosoft.com',
      undefined,
    ]);
  });

  it('says nothing when only the sync switch was turned, and writes nothing when nothing was', async () => {
    const id = await api.account(connectorId);
    expect((await patch(id, 1, { syncEnabled: false })).body).toMatchObject({
      syncEnabled: false,
      version: 2,
    });
    expect((await patch(id, 2, { syncEnabled: false })).body.version).toBe(2);
    expect((await patch(id, 2, {})).body.version).toBe(2);
    expect(await api.publishedEvents()).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['no domain', { customDomain: 'not a domain' }, 'customDomain'],
    ['an address', { customDomain: 'https://a.onmicrosoft.com' }, 'customDomain'],
    ['a number', { customDomain: 5 }, 'customDomain'],
    ['an empty text', { customDomain: '' }, 'customDomain'],
    ['a word for yes', { syncEnabled: 'yes' }, 'syncEnabled'],
    ['null for a switch', { syncEnabled: null }, 'syncEnabled'],
    ['a field that is not ours to change', { name: 'Mine' }, 'name'],
  ])('refuses %s, naming the field', async (_, body, field) => {
    const id = await api.account(connectorId);
    expect(problemOf(await patch(id, 1, body))).toMatchObject({ status: 400, fields: [field] });
    expect((await read(id)).body.version).toBe(1);
  });

  it('is changed only by who has seen the present version, and by operators', async () => {
    const id = await api.account(connectorId, { version: 4 });
    const body = { customDomain: 'a.onmicrosoft.com' };
    expect((await api.call('PATCH', `/v1/provider-accounts/${id}`, { body })).status).toBe(428);
    expect((await patch(id, 3, body)).status).toBe(412);
    expect((await patch(id, 4, body, { roles: ['viewer'] })).status).toBe(403);
    const both = await Promise.all([patch(id, 4, body), patch(id, 4, { customDomain: 'b.onmicrosoft.com' })]);
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 412]);
  });
});
