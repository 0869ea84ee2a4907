import { WorkerEnv } from '../../worker.config.ts';
import { phasesOf } from '../../sync/run.phase.ts';
import { type Reporting, startReporting, startSyncing } from '../../../test/syncing.fixture.ts';

let sync: Reporting;
beforeAll(async () => {
  sync = await startReporting();
  await sync.read();
});
afterAll(() => sync.stop());
afterEach(() => sync.simulator.control.mendReports());

const ids = (number: string) =>
  sync.one(
    `select d.id, d.version, md5(string_agg(l.id::text, ',' order by l.id)) as lines,
       count(*) filter (where l.kind = 'one-off')::int as "oneOffs"
     from rated_documents d join rated_lines l on l.document_id = d.id where d.number = $1 group by d.id`,
    [number],
  );
const reimport = async (number: string, settings?: Partial<WorkerEnv>) => {
  const { id } = await sync.one('select report_id as id from rated_documents where number = $1', [number]);
  const runId = await sync.start({ scope: 'reports', depth: 'full', target: `rated-report:${id}` });
  const env = Object.assign(new WorkerEnv(), settings);
  return sync.work(runId, { phasesOf: (run) => phasesOf(sync.pool, run, env) });
};

describe('reading a report once more', () => {
  it('changes nothing and says nothing when it says the same', async () => {
    const before = await ids('INV20260101');
    await sync.importedInvoices();
    const run = await reimport('INV20260101');
    expect(run).toMatchObject({ status: 'succeeded', counts: { unchanged: 1, changed: 0, failed: 0 } });
    expect(run.counts.read).toBeGreaterThan(200);
    expect(await ids('INV20260101')).toEqual(before);
    expect(await sync.importedInvoices()).toEqual([]);
  });

  it('keeps the ids of lines whose kind is another by now, and says what changed', async () => {
    const before = await ids('INV20260101');
    expect(before.oneOffs).toBeGreaterThan(0);
    await reimport('INV20260101', { RATED_LINE_KINDS: '{"SetUp": "licence"}' });
    const after = await ids('INV20260101');
    expect(after).toEqual({ ...before, oneOffs: 0, version: before.version + 1 });
    expect(await sync.importedInvoices()).toMatchObject([
      { changed: ['lines'], linesAdded: 0, linesRemoved: 0, linesAltered: before.oneOffs },
    ]);
    await reimport('INV20260101');
    expect(await ids('INV20260101')).toMatchObject({ lines: before.lines, oneOffs: before.oneOffs });
  });

  it('keeps what was imported when the file is broken by now', async () => {
    const before = await ids('INV20260101');
    await sync.simulator.control.spoilReports({ truncated: true });
    expect(await reimport('INV20260101')).toMatchObject({ status: 'succeeded', counts: { failed: 1 } });
    expect(await ids('INV20260101')).toEqual(before);
    const report = `select r.status, r.failure->>'code' as code from rated_reports r join rated_documents d on d.report_id = r.id
      where d.number = 'INV20260101'`;
    expect(await sync.one(report)).toEqual({ status: 'imported', code: 'report.file-broken' });
    await sync.simulator.control.mendReports();
    await reimport('INV20260101');
    expect(await sync.one(report)).toEqual({ status: 'imported', code: null });
  });
});

it('learns the vendors of lines from details that are read after the report', async () => {
  const late = await startSyncing(
    { now: '2026-03-10T09:00:00Z' },
    { REPORT_DAYS: 36_500, DETAILS_MAX_MINUTES: 0 },
  );
  try {
    await late.run({ scope: 'accounts' });
    await late.run({ scope: 'subscriptions' });
    await late.run({ scope: 'reports' });
    const lines = () =>
      late.one(
        `select count(*)::int as lines, count(vendor)::int as known, count(provider_subscription_id)::int as matched,
           md5(string_agg(id::text, ',' order by id)) as ids from rated_lines`,
      );
    const before = await lines();
    expect(before).toMatchObject({ known: 0, matched: before.lines });
    await late.eventCounts();
    const env = Object.assign(new WorkerEnv(), { DETAILS_MAX_MINUTES: 50 });
    const details = async () => {
      const runId = await late.start({ scope: 'subscriptions' });
      return late.work(runId, { phasesOf: (run) => phasesOf(late.pool, run, env) });
    };
    await details();
    expect(await lines()).toEqual({ ...before, known: before.lines });
    expect(await late.eventCounts()).toMatchObject({ 'invoice-imported': 3 });
    const versions = 'select array_agg(version order by number) as versions from rated_documents';
    expect(await late.one(versions)).toEqual({ versions: [2, 2, 2] });
    await details();
    expect(await late.eventCounts()).not.toHaveProperty('invoice-imported');
    expect(await late.one(versions)).toEqual({ versions: [2, 2, 2] });
  } finally {
    await late.stop();
  }
});

it('matches a name with the customers of its own connector, whoever another connector calls so', async () => {
  const elsewhere = await sync.connector(sync.tenantId, 'uk');
  const [here] = await sync.simulator.control.addCustomers({ name: 'Here Ltd', count: 1 });
  await sync.run({ scope: 'accounts' });
  for (const name of ['Here Ltd', 'Elsewhere Ltd'])
    await sync.pool.query(
      `insert into provider_accounts select (jsonb_populate_record(a, jsonb_build_object(
         'id', gen_random_uuid(), 'connector_id', $1::uuid, 'name', $2::text))).*
       from provider_accounts a where a.cmp_id = $3`,
      [elsewhere, name, here!.id],
    );
  const head = 'CUSTOMER_NAME,RESELLER_DETAIL_TOTAL,RESELLER_INVOICE_NUMBER';
  const text = `${head}\nHere Ltd,1.5,NAMES\nElsewhere Ltd,2.5,NAMES\n`;
  await sync.simulator.control.spoilReports({ verbatim: Buffer.from(text).toString('base64') });
  await sync.order();
  await sync.read();
  const { rows } = await sync.pool.query(
    `select l.matched_by as by, a.cmp_id as account, a.connector_id as connector, l.unmatched_reason as reason
     from rated_lines l join rated_documents d on d.id = l.document_id
       left join provider_accounts a on a.id = l.provider_account_id
     where d.number = 'NAMES' order by l.row_no`,
  );
  expect(rows).toEqual([
    { by: 'customer-name', account: here!.id, connector: sync.connectorId, reason: null },
    { by: null, account: null, connector: null, reason: 'customer-unknown' },
  ]);
});

it('keeps a charge with the account it names when the subscription has moved to another since', async () => {
  const { id, cmp_id, account, other } = await sync.one(
    `select s.id, s.cmp_id, a.cmp_id as account, b.id as other from provider_subscriptions s
     join provider_accounts a on a.id = s.provider_account_id join provider_accounts b on b.id <> a.id limit 1`,
  );
  await sync.pool.query('update provider_subscriptions set provider_account_id = $1 where id = $2', [
    other,
    id,
  ]);
  const head = 'SUBSCRIPTION_ID,CUSTOMER_ACCOUNT_ID,RESELLER_DETAIL_TOTAL,RESELLER_INVOICE_NUMBER';
  const text = `${head}\n${cmp_id},${account},1.5,MOVED\n${cmp_id},,2.5,MOVED\n`;
  await sync.simulator.control.spoilReports({ verbatim: Buffer.from(text).toString('base64') });
  await sync.order();
  await sync.read();
  const { rows } = await sync.pool.query(
    `select l.matched_by as by, a.cmp_id as account, l.provider_subscription_id as subscription from rated_lines l
     join rated_documents d on d.id = l.document_id join provider_accounts a on a.id = l.provider_account_id
     where d.number = 'MOVED' order by l.row_no`,
  );
  expect(rows).toMatchObject([
    { by: 'account-id', account, subscription: id },
    { by: 'subscription', subscription: id },
  ]);
  expect(rows[1].account).not.toBe(account);
});
