import { randomUUID } from 'node:crypto';
import { runAccountSync, type RunningAccountSync } from '../../test/account-sync.fixture.ts';

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
const patch = (id: string, version: number, body: unknown) =>
  api.call('PATCH', `/v1/provider-accounts/${id}`, { body, headers: { 'if-match': `"${version}"` } });

describe('provider subscriptions', () => {
  it('are shown with lines, quantity and how fresh both are', async () => {
    const account = await api.account(connectorId);
    const line = {
      mpn: 'CFQ7TTC0LH16:0001',
      vendor: 'Microsoft',
      productId: '1',
      name: 'Basic',
      quantity: 12,
    };
    const id = await api.subscription(connectorId, account, {
      quantity: 12,
      lines: JSON.stringify([line]),
      renewal_date: '2026-12-31',
      detail_confirmed_at: '2026-02-01T00:00:00Z',
      detail_wanted_at: '2026-02-02T00:00:00Z',
    });
    const expected = {
      id,
      providerAccountId: account,
      quantity: 12,
      lines: [line],
      renewalDate: '2026-12-31',
      detailConfirmedAt: '2026-02-01T00:00:00.000Z',
      detailWanted: true,
      asOf: '2026-02-01T00:00:00.000Z',
    };
    expect((await api.call('GET', `/v1/provider-subscriptions/${id}`)).body).toMatchObject(expected);
    const ofAccount = await api.call('GET', `/v1/provider-accounts/${account}/subscriptions`);
    expect(ofAccount.body).toMatchObject({ data: [expected], nextCursor: null });
  });

  it('are not taken for confirmed by runs that left their account out', async () => {
    const account = await api.account(connectorId);
    const id = await api.subscription(connectorId, account);
    const asOf = async () => (await api.call('GET', `/v1/provider-subscriptions/${id}`)).body.asOf;
    await patch(account, 1, { syncEnabled: false });
    await api.run(connectorId, { complete: true, started_at: new Date() });
    expect(await asOf()).toBe('2026-01-01T00:00:00.000Z');
    await patch(account, 2, { syncEnabled: true });
    expect(await asOf()).toBe('2026-01-01T00:00:00.000Z');
    const target = `provider-account:${account}`;
    await api.run(connectorId, { complete: true, started_at: new Date('2100-01-01T00:00:00Z'), target });
    expect(await asOf()).toBe('2100-01-01T00:00:00.000Z');
  });

  it('are listed each once over accounts and connectors, without those that are gone', async () => {
    const accounts = [await api.account(connectorId), await api.account(connectorId)];
    const ids = [];
    for (const account of [...accounts, ...accounts, accounts[0]!])
      ids.push(await api.subscription(connectorId, account));
    await api.subscription(connectorId, accounts[0]!, { gone_at: new Date() });
    await api.subscription(connectorId, accounts[0]!, { tenant_id: randomUUID() });
    const seen: string[] = [];
    let cursor = '';
    do {
      const answer = await api.call(
        'GET',
        `/v1/provider-subscriptions?connectorId=${connectorId}&limit=2${cursor}`,
      );
      seen.push(...idsOf(answer));
      cursor = answer.body.nextCursor && `&cursor=${answer.body.nextCursor}`;
    } while (cursor);
    expect([...seen].sort()).toEqual([...ids].sort());
  });

  it('are listed without what has ended, unless asked for by `ended` or by a status', async () => {
    const account = await api.account(connectorId);
    const live = [
      await api.subscription(connectorId, account),
      await api.subscription(connectorId, account, { status: 'hold' }),
    ];
    const terminated = await api.subscription(connectorId, account, { status: 'terminated' });
    const gone = await api.subscription(connectorId, account, {
      gone_at: new Date(),
      gone_reason: 'no-longer-listed',
    });
    const removed = await api.subscription(connectorId, account, {
      gone_at: new Date(),
      gone_reason: 'connector-removed',
    });
    const list = async (query: string) => {
      const answer = await api.call('GET', `/v1/provider-accounts/${account}/subscriptions?${query}`);
      return idsOf(answer).sort();
    };
    expect(await list('')).toEqual([...live].sort());
    expect(await list('ended=only')).toEqual([terminated, gone, removed].sort());
    expect(await list('ended=include')).toEqual([...live, terminated, gone, removed].sort());
    expect(await list('includeGone=true')).toHaveLength(5);
    expect(await list('status=terminated')).toEqual([terminated]);
    expect(await list('status=no-longer-listed')).toEqual([gone]);
    expect(await list('status=hold')).toEqual([live[1]]);
    const one = (id: string) => api.call('GET', `/v1/provider-subscriptions/${id}`);
    expect((await one(gone)).body.status).toBe('no-longer-listed');
    expect((await one(removed)).body.status).toBe('connector-removed');
  });
});
