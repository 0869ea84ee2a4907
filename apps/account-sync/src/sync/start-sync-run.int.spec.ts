import { randomUUID } from 'node:crypto';
import { claimRun } from '@isthmus/sync-engine';
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
  await api.dueRunsAnnounced();
});

const start = (body: object, key = randomUUID() as string, as = {}) =>
  api.call('POST', '/v1/sync-runs', { body, headers: { 'idempotency-key': key }, as });
const runsOf = (id: string) =>
  api
    .one('select count(*)::int as n from sync_runs where connector_id = $1', [id])
    .then(({ n }) => n as number);

describe('starting a run', () => {
  it('answers 202 with the run and where to follow it, and queues it for the workers', async () => {
    const started = await start({ connectorId, scope: 'accounts' }, undefined, { sub: 'ann' });

    expect(started.status).toBe(202);
    expect(started.headers.get('location')).toBe(`/v1/sync-runs/${started.body.id}`);
    expect(started.body).toMatchObject({
      connectorId,
      scope: 'accounts',
      depth: 'full',
      apply: true,
      status: 'queued',
      trigger: 'person',
      requestedBy: 'ann',
      joined: false,
      providerAccountId: null,
      counts: { read: 0, ended: 0 },
      waiting: { reason: expect.stringContaining('free sync worker'), until: null },
      failure: null,
    });
    expect(await api.dueRunsAnnounced()).toBe(1);
    expect(await claimRun(api.pool, 'spec')).toMatchObject({ id: started.body.id, tenantId: api.tenantId });
  });

  it('joins the open run that is just like it', async () => {
    const first = await start({ connectorId, scope: 'accounts' });
    const second = await start({ connectorId, scope: 'accounts', depth: 'full' });
    const other = await start({ connectorId, scope: 'accounts', apply: false });

    expect(second).toMatchObject({ status: 202, body: { id: first.body.id, joined: true } });
    expect(other.body).toMatchObject({ joined: false, apply: false });
    expect(await runsOf(connectorId)).toBe(2);
  });

  it('starts one run however often and however concurrently it is asked for', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => start({ connectorId, scope: 'orders' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ body }) => !body.joined)).toHaveLength(1);
    expect(await api.dueRunsAnnounced()).toBe(1);
  });

  it('lets people have so many runs open at once; those of the schedule and joined ones come on top', async () => {
    const few = await runAccountSync({ RUNS_PER_TENANT: '2' });
    try {
      const ids = await Promise.all(Array.from({ length: 6 }, () => few.connector()));
      const startAt = (id: string) =>
        few.call('POST', '/v1/sync-runs', {
          body: { connectorId: id, scope: 'accounts' },
          headers: { 'idempotency-key': randomUUID() },
        });
      await few.pool.query(
        `insert into sync_runs (id, tenant_id, connector_id, scope, depth, target, apply, trigger, requested_by, status, counts,
           enqueued_at, created_at)
         select gen_random_uuid(), $1, $2, 'orders', 'full', '', true, 'schedule', 'schedule', 'queued', '{}', now(), now()`,
        [few.tenantId, ids[0]],
      );
      const answers = await Promise.all(ids.map(startAt));
      expect(answers.map(({ status }) => status).sort((one, other) => one - other)).toEqual([
        202, 202, 409, 409, 409, 409,
      ]);
      const refused = answers.find(({ status }) => status === 409)!;
      expect(problemOf(refused)).toMatchObject({ code: 'sync-run.too-many' });
      const open = ids[answers.findIndex(({ status }) => status === 202)]!;
      expect((await startAt(open)).body).toMatchObject({ joined: true });
    } finally {
      await few.stop();
    }
  });

  it('answers a repeated Idempotency-Key as the first time, even when the run has ended', async () => {
    const key = randomUUID();
    const first = await start({ connectorId, scope: 'accounts' }, key);
    await api.pool.query(`update sync_runs set status = 'succeeded' where id = $1`, [first.body.id]);
    const again = await start({ connectorId, scope: 'accounts' }, key);

    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await runsOf(connectorId)).toBe(1);
    expect(problemOf(await start({ connectorId, scope: 'orders' }, key)).status).toBe(422);
  });

  it('needs an Idempotency-Key', async () => {
    const answer = await api.call('POST', '/v1/sync-runs', { body: { connectorId, scope: 'accounts' } });
    expect(problemOf(answer)).toMatchObject({ status: 400, code: 'idempotency-key-required' });
  });

  it('narrows to one account, or to the accounts of a contract', async () => {
    const account = await api.account(connectorId);
    const one = await start({ connectorId, scope: 'subscriptions', providerAccountId: account });
    expect(one.body).toMatchObject({ providerAccountId: account, billingContractId: null });

    const contract = await contractFor(account);
    const ofContract = await start({ connectorId, scope: 'subscriptions', billingContractId: contract });
    expect(ofContract.body).toMatchObject({ providerAccountId: null, billingContractId: contract });
    const { target } = await api.one('select target from sync_runs where id = $1', [ofContract.body.id]);
    expect(target).toBe(`billing-contract:${contract}`);
  });

  it('is refused with the reason while the connector is paused', async () => {
    const paused = {
      cause: 'cmp.credentials',
      detail: 'CMP refused the password.',
      nextStep: 'Enter the new password.',
    };
    const id = await api.connector({ status: 'paused', paused: JSON.stringify(paused) });
    const refused = await start({ connectorId: id, scope: 'accounts' });
    expect(refused.body).toMatchObject({
      status: 409,
      type: 'urn:isthmus:problem:connector.paused',
      detail: expect.stringContaining('CMP refused the password.'),
      nextStep: 'Enter the new password.',
    });
  });

  it('is refused for an account whose sync is off, or that is gone, and for a contract of nothing but such', async () => {
    const off = await api.account(connectorId, { sync_enabled: false });
    const gone = await api.account(connectorId, { gone_at: new Date() });
    const contract = await contractFor(off);
    const of = (target: object) => start({ connectorId, scope: 'subscriptions', ...target });

    expect(problemOf(await of({ providerAccountId: off }))).toMatchObject({
      status: 409,
      code: 'provider-account.sync-disabled',
    });
    expect(problemOf(await of({ providerAccountId: gone }))).toMatchObject({
      status: 409,
      code: 'provider-account.gone',
    });
    expect(problemOf(await of({ billingContractId: contract }))).toMatchObject({
      status: 409,
      code: 'provider-account.sync-disabled',
    });
    expect(await runsOf(connectorId)).toBe(0);
  });

  it('takes nothing of another tenant, nor a removed connector, for existing', async () => {
    const elsewhere = await api.connector({ tenant_id: randomUUID() });
    const removed = await api.connector({ status: 'removed' });
    const account = await api.account(connectorId, { tenant_id: randomUUID() });
    const requested = [
      { connectorId: elsewhere, scope: 'accounts' },
      { connectorId: removed, scope: 'accounts' },
      { connectorId: randomUUID(), scope: 'accounts' },
      { connectorId, scope: 'subscriptions', providerAccountId: account },
      { connectorId, scope: 'subscriptions', billingContractId: randomUUID() },
    ];
    for (const body of requested) expect((await start(body)).status).toBe(404);
    expect(await api.publishedEvents()).toEqual([]);
    expect(await api.dueRunsAnnounced()).toBe(0);
  });

  it.each<[object, number, string]>([
    [{ scope: 'accounts', connectorId: 'x' }, 400, 'connectorId'],
    [{ scope: 'accounts' }, 400, 'connectorId'],
    [{ scope: 'invoices' }, 400, 'scope'],
    [{ scope: 'accounts', depth: 'deep' }, 400, 'depth'],
    [{ scope: 'accounts', apply: 'no' }, 400, 'apply'],
    [{ scope: 'accounts', extra: 1 }, 400, 'extra'],
    [{ scope: 'subscriptions', providerAccountId: null }, 400, 'providerAccountId'],
    [{ scope: 'accounts', billingContractId: randomUUID() }, 422, 'billingContractId'],
    [{ scope: 'accounts', depth: 'incremental' }, 422, 'depth'],
  ])('refuses %j with %d, naming %s', async (body, status, field) => {
    const all = field === 'connectorId' ? body : { connectorId, ...body };
    expect(problemOf(await start(all))).toMatchObject({ status, fields: [field] });
    expect(await runsOf(connectorId)).toBe(0);
  });

  it('refuses an account of another connector, naming the field', async () => {
    const account = await api.account(await api.connector());
    const refused = await start({ connectorId, scope: 'subscriptions', providerAccountId: account });
    expect(problemOf(refused)).toMatchObject({ status: 422, fields: ['providerAccountId'] });
  });

  it('is for operators, not for viewers', async () => {
    expect((await start({ connectorId, scope: 'accounts' }, undefined, { roles: ['viewer'] })).status).toBe(
      403,
    );
    expect((await start({ connectorId, scope: 'accounts' }, undefined, { roles: ['operator'] })).status).toBe(
      202,
    );
  });
});

/** A contract of a tenant account that only this provider account is linked to. */
async function contractFor(account: string): Promise<string> {
  const tenantAccountId = randomUUID();
  const now = new Date();
  const tenant = { tenant_id: api.tenantId, created_at: now };
  await api.insert('tenant_accounts', { ...tenant, id: tenantAccountId, name: 'Contoso', updated_at: now });
  await api.pool.query('update provider_accounts set tenant_account_id = $2 where id = $1', [
    account,
    tenantAccountId,
  ]);
  const terms = {
    name: 'Main',
    currency: 'USD',
    start_date: '2026-01-01',
    is_default: true,
    created_by: 'ann',
  };
  return api.insert('billing_contracts', {
    id: randomUUID(),
    ...tenant,
    tenant_account_id: tenantAccountId,
    ...terms,
  });
}
