import { randomUUID } from 'node:crypto';
import { auditedActions, watchAudit } from '@isthmus/testing';
import { runAccountSync, type RunningAccountSync } from '../../test/account-sync.fixture.ts';
import { accountSyncOptions } from '../account-sync.module.ts';
import { AccountCreations } from './account-creations.store.ts';

let api: RunningAccountSync;
let log: ReturnType<typeof watchAudit>;
beforeAll(async () => {
  api = await runAccountSync();
  log = watchAudit(async (sql, values) => (await api.pool.query(sql, values)).rows, api.tenantId);
});
afterAll(() => api.stop());

const ann = { sub: 'ann', roles: ['operator'] as const };
const byAnn = { subject: 'ann', channel: 'console', role: 'operator' };
const command = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.call(method, path, {
    body,
    as: ann as never,
    headers: { 'idempotency-key': randomUUID(), ...headers },
  });
const tag = async (path: string) => ({ 'if-match': (await api.call('GET', path)).headers.get('etag')! });

it('has one entry of every command that changes something, with what changed', async () => {
  const connectorId = await api.connector();
  const account = await api.account(connectorId);
  const ofAccount = { ...byAnn, thing: `provider-account ${account}` };

  const facts = { name: 'Contoso', domains: ['contoso.com'], emails: ['jane@contoso.example'] };
  for (const body of [facts, facts, { ...facts, emails: ['joe@contoso.example'] }])
    await command('PUT', '/v1/tenant-accounts/T-1', body);
  expect(await log.written()).toMatchObject([
    {
      ...{ ...byAnn, action: 'tenant-account.write', thing: 'tenant-account T-1', before: null },
      after: { name: 'Contoso', domains: ['contoso.com'], emails: '1' },
    },
    { action: 'tenant-account.write', before: { emails: '1' }, after: { emails: '1, changed' } },
  ]);

  for (let n = 0; n < 2; n += 1)
    await command('PUT', `/v1/provider-accounts/${account}/link`, { tenantAccountId: 'T-1' });
  expect(await log.written()).toMatchObject([
    {
      ...ofAccount,
      action: 'provider-account.link',
      before: { tenantAccountId: null },
      after: { tenantAccountId: 'T-1' },
    },
  ]);

  const path = `/v1/provider-accounts/${account}`;
  await command(
    'PATCH',
    path,
    { syncEnabled: false, customDomain: 'contoso.onmicrosoft.com' },
    await tag(path),
  );
  expect(await log.written()).toMatchObject([
    {
      ...{ ...ofAccount, action: 'provider-account.update' },
      before: { syncEnabled: true, customDomain: null, customDomainSource: null },
      after: { syncEnabled: false, customDomain: 'contoso.onmicrosoft.com', customDomainSource: 'manual' },
    },
  ]);
  await command('PATCH', path, { syncEnabled: true }, await tag(path));
  await command('PATCH', path, { syncEnabled: true }, await tag(path));
  expect(await log.written()).toHaveLength(1);

  const terms = { tenantAccountId: 'T-1', name: 'Main', currency: 'USD', startDate: '2026-01-01' };
  const { id } = (await command('POST', '/v1/billing-contracts', terms)).body;
  const contract = `/v1/billing-contracts/${id}`;
  await command('PATCH', contract, { name: 'Renamed' }, await tag(contract));
  await command('PATCH', contract, { name: 'Renamed' }, await tag(contract));
  const ofContract = { ...byAnn, thing: `billing-contract ${id}` };
  expect(await log.written()).toMatchObject([
    { ...ofContract, action: 'billing-contract.create', before: null, after: { ...terms, isDefault: true } },
    {
      ...ofContract,
      action: 'billing-contract.update',
      before: { name: 'Main' },
      after: { name: 'Renamed' },
    },
  ]);

  await command('PATCH', contract, { endDate: '2026-01-02' }, await tag(contract));
  await command('DELETE', `${path}/link`);
  await command('DELETE', `${path}/link`);
  expect(await log.written()).toMatchObject([
    { action: 'billing-contract.update' },
    {
      ...ofAccount,
      action: 'provider-account.unlink',
      before: { tenantAccountId: 'T-1' },
      after: { tenantAccountId: null },
    },
  ]);

  for (let n = 0; n < 2; n += 1) await command('DELETE', '/v1/tenant-accounts/T-1');
  await command('PUT', '/v1/tenant-accounts/T-2', facts);
  for (let n = 0; n < 2; n += 1) await command('DELETE', '/v1/tenant-accounts/T-2');
  expect(await log.written()).toMatchObject([
    { action: 'tenant-account.write', thing: 'tenant-account T-2' },
    {
      ...{ ...byAnn, action: 'tenant-account.remove', thing: 'tenant-account T-2', after: null },
      before: { name: 'Contoso', emails: '1' },
    },
  ]);

  const many = { links: [{ providerAccountId: account, tenantAccountId: 'T-1' }] };
  for (const body of [{ ...many, dryRun: true }, many, many])
    await command('POST', '/v1/provider-accounts/links', body);
  expect(await log.written()).toMatchObject([
    { ...ofAccount, action: 'provider-account.link', after: { tenantAccountId: 'T-1' } },
  ]);
  await command('DELETE', `${path}/link`);
  expect(await log.written()).toHaveLength(1);

  const format = `/v1/report-formats/${connectorId}`;
  for (let n = 0; n < 2; n += 1) await command('PUT', format, { decimalSeparator: ',' });
  expect(await log.written()).toMatchObject([
    {
      ...{ ...byAnn, action: 'report-format.set', thing: `report-format ${connectorId}` },
      ...{ before: { decimalSeparator: null }, after: { decimalSeparator: ',' } },
    },
  ]);

  const wanted = { connectorId, scope: 'accounts', depth: 'full' };
  const run = (await command('POST', '/v1/sync-runs', wanted)).body;
  expect((await command('POST', '/v1/sync-runs', wanted)).body).toMatchObject({ id: run.id, joined: true });
  await command('POST', `/v1/sync-runs/${run.id}/cancel`);
  expect((await command('POST', `/v1/sync-runs/${run.id}/cancel`)).status).toBe(409);
  const ofRun = { ...byAnn, thing: `sync-run ${run.id}` };
  expect(await log.written()).toMatchObject([
    { ...ofRun, action: 'sync-run.start', after: { ...wanted, apply: true } },
    { ...ofRun, action: 'sync-run.cancel' },
  ]);

  const breaker = { end: 12, of: 20, limit: 10 };
  const held = await api.run(connectorId, { status: 'awaiting-approval', breaker: JSON.stringify(breaker) });
  await command('POST', `/v1/sync-runs/${held}/approve`);
  expect((await command('POST', `/v1/sync-runs/${held}/approve`)).status).toBe(409);
  expect(await log.written()).toMatchObject([
    { ...byAnn, action: 'sync-run.approve', thing: `sync-run ${held}`, after: { approved: 12 } },
  ]);

  const planned = await api.account(connectorId, { version: 3, cmp_id: '77' });
  const plan = await api.run(connectorId, { scope: 'accounts', apply: false, complete: true });
  const row = { mirror: 'provider-account', id: planned, cmpId: '77', version: 3, value: '{}', live: true };
  const rows = JSON.stringify([{ ...row, asOf: new Date().toISOString() }]);
  await api.insert('sync_plan_batches', { run_id: plan, seq: 0, rows });
  const applying = (await command('POST', `/v1/sync-runs/${plan}/apply`)).body;
  expect((await command('POST', `/v1/sync-runs/${plan}/apply`)).body.id).toBe(applying.id);
  expect(await log.written()).toMatchObject([
    {
      ...byAnn,
      action: 'sync-run.apply',
      thing: `sync-run ${plan}`,
      after: { runId: applying.id, connectorId },
    },
  ]);

  const report = await api.insert('rated_reports', {
    ...{
      id: randomUUID(),
      tenant_id: api.tenantId,
      connector_id: connectorId,
      cmp_id: 'r1',
      name: 'October',
    },
    ...{ generated_at: new Date(), status: 'imported', attempts: 1, read_at: new Date() },
  });
  for (let n = 0; n < 2; n += 1) await command('POST', `/v1/rated-reports/${report}/reimport`);
  expect(await log.written()).toMatchObject([
    { ...byAnn, action: 'sync-run.start', after: { scope: 'reports', target: `rated-report:${report}` } },
  ]);
  const rated = await api.insert('rated_documents', {
    ...{
      id: randomUUID(),
      tenant_id: api.tenantId,
      connector_id: connectorId,
      kind: 'invoice',
      number: 'I1',
    },
    ...{
      currency: 'USD',
      line_total: '1',
      balance: 'unchecked',
      lines: 1,
      unmatched_lines: 1,
      repeated_rows: 0,
    },
    ...{ report_id: report, generated_at: new Date(), created_at: new Date(), changed_at: new Date() },
  });
  const ratedLine = await api.insert('rated_lines', {
    ...{
      id: randomUUID(),
      tenant_id: api.tenantId,
      connector_id: connectorId,
      document_id: rated,
      row_no: 1,
    },
    ...{ kind: 'licence', customer_name: 'X', description: 'd', charge_type: 'c', content: randomUUID() },
    ...{ quantity: '1', total: '1', currency: 'USD' },
  });
  for (let n = 0; n < 2; n += 1)
    await command('PATCH', `/v1/rated-lines/${ratedLine}`, { decision: 'exclude', reason: 'Ours.' });
  expect(await log.written()).toMatchObject([
    {
      ...{ ...byAnn, action: 'rated-line.decide', thing: `rated-line ${ratedLine}`, reason: 'Ours.' },
      ...{ before: { excluded: false }, after: { excluded: true } },
    },
  ]);

  const creations = new AccountCreations(api.pool);
  const key = { tenantId: api.tenantId, connectorId, key: randomUUID() };
  await creations.begin(key);
  const customer = { id: randomUUID(), name: 'New', status: 'active', attributes: {}, contactPersons: [] };
  await creations.complete(key, customer as never, undefined, new Date(), {
    ...{ requestedBy: 'ann', role: 'operator', correlationId: 'c-2' },
  });
  expect(await log.written()).toMatchObject([
    { ...byAnn, action: 'provider-account.create', after: { name: 'New' } },
  ]);
  expect(log.unseen(await auditedActions(accountSyncOptions))).toEqual([]);

  const everything = await api.one('select string_agg(e::text, chr(10)) as text from audit_entries e');
  for (const address of ['jane@', 'joe@']) expect(everything.text).not.toContain(address);
});

it('has none of a command that was refused', async () => {
  const account = await api.account(await api.connector());
  await log.written();
  const path = `/v1/provider-accounts/${account}`;
  const refused = [
    await command('PUT', `${path}/link`, { tenantAccountId: 'nobody' }),
    await command('PATCH', path, { syncEnabled: false }, { 'if-match': '"9"' }),
    await command(
      'PUT',
      '/v1/tenant-accounts/T-1',
      { name: 'x', domains: [], emails: [] },
      { 'if-match': '"9"' },
    ),
    await command('POST', '/v1/billing-contracts', {
      ...{ tenantAccountId: 'T-1', name: 'Main', currency: 'XXX', startDate: '2026-01-01' },
    }),
    await command('POST', `/v1/sync-runs/${randomUUID()}/cancel`),
  ];
  expect(refused.map(({ status }) => status)).toEqual([422, 412, 412, 409, 404]);
  expect(await log.written()).toEqual([]);
});

it.each([
  [{ requestedBy: 'work365 Key of Ann', correlationId: 'c-1' }, 'work365 Key of Ann', 'api-key'],
  [{}, 'rest-provider', 'service'],
])('names for a new customer who wanted it: %j', async (creator, subject, channel) => {
  const connectorId = await api.connector();
  const key = { tenantId: api.tenantId, connectorId, key: randomUUID() };
  const creations = new AccountCreations(api.pool);
  await creations.begin(key);
  const customer = {
    id: randomUUID(),
    name: 'Fabrikam',
    status: 'active',
    attributes: {},
    contactPersons: [],
  };
  const id = await creations.complete(key, customer as never, undefined, new Date(), creator);
  expect(await log.written()).toMatchObject([
    {
      ...{ subject, channel, role: null, action: 'provider-account.create', thing: `provider-account ${id}` },
      ...{ before: null, after: { connectorId, cmpAccountId: customer.id, name: 'Fabrikam' } },
    },
  ]);
});
