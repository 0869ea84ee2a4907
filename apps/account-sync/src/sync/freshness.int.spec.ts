import { randomUUID } from 'node:crypto';
import {
  type Json,
  problemOf,
  runAccountSync,
  type RunningAccountSync,
} from '../../test/account-sync.fixture.ts';

let api: RunningAccountSync;
beforeAll(async () => {
  api = await runAccountSync();
});
afterAll(() => api.stop());

const start = (body: object) =>
  api.call('POST', '/v1/sync-runs', { body, headers: { 'idempotency-key': randomUUID() } });

describe('the freshness of connectors', () => {
  it('is when each kind of record was last read as a whole, how many there are, and what runs now', async () => {
    const [connectorId, fresh] = [await api.connector(), await api.connector({ name: 'New' })];
    await api.connector({ status: 'removed' });
    const account = await api.account(connectorId);
    await api.account(connectorId, { gone_at: new Date() });
    await api.subscription(connectorId, account, { quantity: 4 });
    await api.subscription(connectorId, account, { quantity: 9, status: 'terminated' });
    const run = (hour: number, more: object) =>
      api.run(connectorId, { started_at: `2026-03-01T0${hour}:00:00Z`, complete: true, ...more });
    await run(1, { scope: 'accounts' });
    await run(2, { scope: 'accounts', status: 'failed', finished_at: new Date() });
    await run(3, { scope: 'subscriptions' });
    await run(4, { scope: 'subscriptions', target: `provider-account:${account}` });
    await run(5, { scope: 'subscriptions', apply: false });
    await run(6, { scope: 'subscriptions', depth: 'incremental' });
    await run(7, { scope: 'subscriptions', complete: false });
    const [running, held] = [
      await api.run(connectorId, { scope: 'reports', status: 'running' }),
      await api.run(connectorId, { status: 'awaiting-approval' }),
    ];
    const { status, body } = await api.call('GET', '/v1/sync-runs/freshness');
    expect(status).toBe(200);
    const of = (id: string) => body.find((one: Json) => one.connectorId === id);
    expect(body).toHaveLength(2);
    expect(of(connectorId)).toEqual({
      ...{ connectorId, accounts: 1, subscriptions: 1, seats: 4, failedRuns: 1 },
      accountsAsOf: '2026-03-01T01:00:00.000Z',
      subscriptionsAsOf: '2026-03-01T03:00:00.000Z',
      ordersAsOf: '2026-03-01T06:00:00.000Z',
      ...{ runningRunId: running, heldRunId: held },
    });
    expect(of(fresh)).toMatchObject({ accountsAsOf: null, ordersAsOf: null, runningRunId: null, seats: 0 });
    const others = await api.call('GET', '/v1/sync-runs/freshness', { as: { tenant: randomUUID() } });
    expect(others.body).toEqual([]);
  });
});

describe('a run of one subscription', () => {
  it('is started by its id, and is refused where there is nothing to read', async () => {
    const connectorId = await api.connector();
    const account = await api.account(connectorId);
    const off = await api.account(connectorId, { sync_enabled: false });
    const providerSubscriptionId = await api.subscription(connectorId, account);
    const wanted = { connectorId, scope: 'subscriptions', providerSubscriptionId };
    const started = await start(wanted);
    expect(started.body).toMatchObject({ providerSubscriptionId, providerAccountId: null, joined: false });
    expect((await start(wanted)).body).toMatchObject({ id: started.body.id, joined: true });

    const [gone, ofOff] = [
      await api.subscription(connectorId, account, { gone_at: new Date() }),
      await api.subscription(connectorId, off),
    ];
    const refusals: [object, number, string[] | undefined][] = [
      [{ providerSubscriptionId: randomUUID() }, 404, undefined],
      [{ providerSubscriptionId: gone }, 422, ['providerSubscriptionId']],
      [{ providerSubscriptionId: ofOff }, 409, undefined],
      [{ connectorId: await api.connector() }, 422, ['providerSubscriptionId']],
      [{ providerAccountId: account }, 422, ['providerSubscriptionId']],
      [{ scope: 'accounts' }, 422, ['providerSubscriptionId']],
      [{ depth: 'scrub' }, 422, ['providerSubscriptionId']],
      [{ apply: false }, 422, ['apply']],
    ];
    for (const [more, status, fields] of refusals)
      expect([more, problemOf(await start({ ...wanted, ...more }))]).toEqual([
        more,
        expect.objectContaining({ status, ...(fields && { fields }) }),
      ]);
  });
});
