import { CallBudget, CmpClient } from '@isthmus/cmp-client';
import { defaultAccounts } from '@isthmus/cmp-simulator';
import { eventually } from '@isthmus/testing';
import { Agent, type Dispatcher } from 'undici';
import { startReporting, type Reporting } from '../../../test/syncing.fixture.ts';

let sync: Reporting;
beforeAll(async () => {
  sync = await startReporting();
  await sync.read();
});
afterAll(() => sync.stop());
afterEach(() => sync.simulator.control.mendReports());

const february = 'INV20260201';
const written = `select (select sum(version) from rated_documents)::int as documents,
  (select md5(string_agg(id::text, ',' order by id)) from rated_lines) as lines,
  (select count(*) from rated_rows)::int as staged`;
const spoil = (oddities: object) => sync.simulator.control.spoilReports(oddities);

describe('the total an invoice states', () => {
  it('makes it balanced when the lines add up to it, and is news by itself', async () => {
    await sync.importedInvoices();
    await spoil({ totalRow: true });
    await sync.order();
    const run = await sync.read();
    expect(run.counts).toMatchObject({ changed: 1, failed: 0 });
    const { balance, stated_total, line_total, lines } = await sync.invoice(february);
    expect({ balance, stated_total }).toEqual({ balance: 'balanced', stated_total: line_total });
    expect(await sync.importedInvoices()).toMatchObject([
      { changed: ['statedTotal'], balance: 'balanced', statedTotal: line_total, linesAdded: 0, lines },
    ]);
  });

  it('flags an invoice that does not meet it, with both sums', async () => {
    await spoil({ totalRow: true, totalOffCents: 101 });
    await sync.order({ startDate: '2026-01-11T00:00:00Z' });
    const run = await sync.read();
    const { balance, balance_detail, stated_total, line_total } = await sync.invoice('INV20260111');
    expect(balance).toBe('unbalanced');
    expect(Number(stated_total)).toBeCloseTo(Number(line_total) + 1.01, 6);
    expect(balance_detail).toBe(`It states ${stated_total}, but its lines add up to ${line_total}.`);
    expect(await sync.importedInvoices()).toMatchObject([{ balance: 'unbalanced', lineTotal: line_total }]);
    expect(await sync.records(run)).toContainEqual(
      expect.objectContaining({
        kind: 'invoice',
        cmpId: 'INV20260111',
        result: 'appeared',
        reason: balance_detail,
      }),
    );
  });

  it('flags it also by a column that states the total in each row', async () => {
    await spoil({ invoiceTotalColumn: true, totalOffCents: -101 });
    await sync.order({ startDate: '2026-01-10T00:00:00Z' });
    await sync.read();
    expect(await sync.invoice('INV20260110')).toMatchObject({ balance: 'unbalanced' });
  });

  it('may be missed by a rounding for each line, up to one unit of the currency', async () => {
    await spoil({ totalRow: true, totalOffCents: 100 });
    await sync.order({ startDate: '2026-01-12T00:00:00Z' });
    await sync.read();
    expect(await sync.invoice('INV20260112')).toMatchObject({ balance: 'balanced' });
  });

  it('keeps a balanced invoice from being replaced by one that is not', async () => {
    const before = await sync.one(written);
    await spoil({ totalRow: true, totalOffCents: -5_000 });
    await sync.order();
    const run = await sync.read();
    expect(run.counts).toMatchObject({ skipped: 1, changed: 0 });
    expect((await sync.records(run)).map(({ reason }) => reason)).toContainEqual(
      expect.stringMatching(
        /^Not changed\. The stored invoice adds up, this report does not\. It states [\d.]+/,
      ),
    );
    expect(await sync.one(written)).toEqual(before);
  });

  it('tells equal lines that are both charged from rows that come twice', async () => {
    await spoil({ totalRow: true, repeatEvery: 0, twins: 4 });
    await sync.order({ startDate: '2026-01-13T00:00:00Z' });
    await sync.read();
    const { id, ...invoice } = await sync.invoice('INV20260113');
    expect(invoice).toMatchObject({ balance: 'balanced', repeated_rows: 0 });
    const { twins } = await sync.one(
      `select count(*)::int as twins from (
         select from rated_lines where document_id = $1 group by content having count(*) = 2) t`,
      [id],
    );
    expect(twins).toBe(4);
  });
});

describe('a file that is cut off', () => {
  it.each(['csv', 'json', 'xlsx'] as const)(
    '%s: changes nothing, and is fetched again by the next run',
    async (format) => {
      const before = await sync.one(written);
      await spoil({ truncated: true });
      const { id } = await sync.order({ format, startDate: '2026-01-21T00:00:00Z' });
      const run = await sync.read('incremental');
      expect(run).toMatchObject({ status: 'succeeded', counts: { failed: 1, appeared: 0, changed: 0 } });
      expect(await sync.records(run)).toMatchObject([
        {
          kind: 'report',
          cmpId: id,
          result: 'failed',
          reason: expect.stringContaining('report.file-broken'),
        },
      ]);
      expect(await sync.one(written)).toEqual(before);
      expect(sync.paused).toEqual([]);
      await sync.simulator.control.mendReports();
      expect((await sync.read('incremental')).counts).toMatchObject({ failed: 0 });
      expect(
        await sync.one(`select status, attempts, failure from rated_reports where cmp_id = $1`, [id]),
      ).toEqual({
        status: 'imported',
        attempts: 2,
        failure: null,
      });
    },
  );

  it('is given up after five tries, until a full run', async () => {
    await spoil({ truncated: true });
    const { id } = await sync.order({ startDate: '2026-01-22T00:00:00Z' });
    for (let n = 0; n < 6; n++) await sync.read('incremental');
    const attempts = () => sync.one('select attempts from rated_reports where cmp_id = $1', [id]);
    expect(await attempts()).toEqual({ attempts: 5 });
    await sync.read('full');
    expect(await attempts()).toEqual({ attempts: 6 });
    await sync.simulator.control.mendReports();
    await sync.read('full');
    expect(await sync.invoice('INV20260122')).toMatchObject({ balance: 'unchecked' });
  });
});

it('reads a file that takes the worker down with it twice in a run, then goes on with the others', async () => {
  const deadly = await sync.order({ startDate: '2026-01-28T00:00:00Z' });
  const harmless = await sync.order({ startDate: '2026-01-29T00:00:00Z' });
  const report = (id: string) =>
    sync.one('select status, attempts, failure from rated_reports where cmp_id = $1', [id]);
  const agent = new Agent();
  const held: (() => void)[] = [];
  const dying: Dispatcher = agent.compose((dispatch) => (request, handler) => {
    if (!request.path.startsWith('/_blob')) return dispatch(request, handler);
    held.push(() => void dispatch(request, handler));
    return true;
  });
  const connection = { connectorId: sync.connectorId, apiUrl: sync.simulator.apiUrl, ...defaultAccounts[0]! };
  const runId = await sync.start({ scope: 'reports', depth: 'full' });
  const dead: Promise<unknown>[] = [];
  for (const attempts of [1, 2]) {
    const client = new CmpClient(connection, { budget: CallBudget.unlimited(), dispatcher: dying });
    dead.push(sync.work(runId, { openCmp: async () => ({ client, budgetState: () => null }) }));
    await eventually(async () => (await report(deadly.id))?.attempts === attempts);
    expect((await report(deadly.id)).failure.code).toBe('report.interrupted');
    await sync.pool.query(
      `update sync_runs set lease_until = now() - interval '1 minute', lease_token = lease_token + 1 where id = $1`,
      [runId],
    );
  }
  expect(await sync.work(runId)).toMatchObject({ status: 'succeeded' });
  expect(await report(deadly.id)).toMatchObject({ status: 'failed', attempts: 2 });
  expect(await report(harmless.id)).toMatchObject({ status: 'imported', attempts: 1 });
  // What was taken for dead wakes up, and finds that the run is no longer its own.
  for (const goOn of held) goOn();
  await Promise.all(dead);
  expect(await sync.one('select status from sync_runs where id = $1', [runId])).toEqual({
    status: 'succeeded',
  });
  expect(await report(deadly.id)).toMatchObject({ status: 'failed', attempts: 2 });
  await agent.close();
  await sync.read();
  expect(await report(deadly.id)).toMatchObject({ status: 'imported', attempts: 3, failure: null });
});

it.each(['csv', 'json', 'xlsx'] as const)('takes an empty %s for read, and nothing away', async (format) => {
  const before = await sync.one(written);
  await spoil({ empty: true });
  const { id } = await sync.order({ format });
  const run = await sync.read();
  expect(run.counts).toMatchObject({ failed: 0, appeared: 0, changed: 0, read: 0 });
  expect(await sync.one('select status, rows from rated_reports where cmp_id = $1', [id])).toEqual({
    status: 'imported',
    rows: 0,
  });
  expect(await sync.one(written)).toEqual(before);
});

it('refuses a file that is too large for its format', async () => {
  const small = await startReporting({ REPORT_CSV_MAX_MB: 0.01, REPORT_XLSX_MAX_MB: 0.01 });
  try {
    await small.order({ format: 'xlsx' });
    const run = await small.read();
    expect(run.counts).toMatchObject({ failed: 4, appeared: 0 });
    for (const { reason } of await small.records(run)) expect(reason).toMatch(/^report\.file-too-large: /);
    expect(await small.one('select count(*)::int as n from rated_rows')).toEqual({ n: 0 });
  } finally {
    await small.stop();
  }
});

it('lists lines of nobody with the reason, and finds whose they are when that is known', async () => {
  await spoil({ unknownCustomers: 3 });
  await sync.order({ startDate: '2026-01-25T00:00:00Z' });
  await sync.read();
  const { id, unmatched_lines } = await sync.invoice('INV20260125');
  expect(unmatched_lines).toBe(3);
  const lines = async () =>
    (
      await sync.pool.query(
        `select customer_name as name, unmatched_reason as reason, matched_by as by from rated_lines
         where document_id = $1 and customer_name like 'Unlisted%' order by 1`,
        [id],
      )
    ).rows;
  const nobody = { reason: 'subscription-and-customer-unknown', by: null };
  expect(await lines()).toEqual([1, 2, 3].map((n) => ({ name: `Unlisted Customer ${n}`, ...nobody })));

  // The first by its name, the second has a namesake, the third by its subscription.
  const add = sync.simulator.control.addCustomers;
  await add({ name: 'Unlisted Customer 1' });
  await add({ name: 'Unlisted Customer 2', count: 2 });
  await sync.run({ scope: 'accounts' });
  await sync.pool.query(
    `insert into provider_subscriptions (id, tenant_id, connector_id, cmp_id, cmp_account_id, provider_account_id, name, status, hash, read_at)
     select l.subscription_ref, l.tenant_id, l.connector_id, l.cmp_subscription_id, a.cmp_id, a.id, 'Late', 'active', l.content, now()
     from rated_lines l, (select * from provider_accounts limit 1) a
     where l.document_id = $1 and l.customer_name = 'Unlisted Customer 3'`,
    [id],
  );
  await sync.importedInvoices();
  const { version } = await sync.invoice('INV20260125');
  await sync.read();
  expect(await lines()).toEqual([
    { name: 'Unlisted Customer 1', reason: null, by: 'customer-name' },
    { name: 'Unlisted Customer 2', reason: 'customer-ambiguous', by: null },
    { name: 'Unlisted Customer 3', reason: null, by: 'subscription' },
  ]);
  expect(await sync.invoice('INV20260125')).toMatchObject({ unmatched_lines: 1, version: version + 1 });
  expect(await sync.importedInvoices()).toMatchObject([
    { number: 'INV20260125', changed: ['matches'], unmatchedLines: 1, linesAdded: 0, linesRemoved: 0 },
  ]);
  await sync.read();
  expect(await sync.importedInvoices()).toEqual([]);
});

it('leaves nothing half done when it is interrupted, and goes on by itself', async () => {
  await sync.order({ startDate: '2026-01-26T00:00:00Z' });
  await sync.pool.query(`create function fail_late() returns trigger language plpgsql as
    $$ begin if new.row_no > 200 then raise 'the disk is full'; end if; return new; end $$`);
  await sync.pool.query(
    'create trigger fail_late before insert on rated_lines for each row execute function fail_late()',
  );
  const before = await sync.one(`select count(*)::int as n from rated_lines`);
  const runId = await sync.start({ scope: 'reports', depth: 'full' });
  expect(await sync.work(runId)).toMatchObject({
    status: 'running',
    waiting: { reason: 'the disk is full' },
  });
  expect(await sync.one(`select count(*)::int as n from rated_lines`)).toEqual(before);
  expect(await sync.invoice('INV20260126')).toBeUndefined();
  await sync.pool.query('drop trigger fail_late on rated_lines');
  expect(await sync.work(runId)).toMatchObject({ status: 'succeeded', counts: { appeared: 1 } });
  const { id, lines } = await sync.invoice('INV20260126');
  expect(await sync.one('select count(*)::int as n from rated_lines where document_id = $1', [id])).toEqual({
    n: lines,
  });
  expect(await sync.one('select count(*)::int as n from rated_rows')).toEqual({ n: 0 });
});

it('asks for a fresh link when the one it was given has run out', async () => {
  await sync.order({ startDate: '2026-01-27T00:00:00Z' });
  let late = false;
  // Two hours pass between CMP's list and the first download.
  const agent = new Agent();
  const dawdling: Dispatcher = agent.compose((dispatch) => (request, handler) => {
    if (late || !request.path.startsWith('/_blob')) return dispatch(request, handler);
    late = true;
    void sync.simulator.control.advance(7_200).then(() => dispatch(request, handler));
    return true;
  });
  const connection = { connectorId: sync.connectorId, apiUrl: sync.simulator.apiUrl, ...defaultAccounts[0]! };
  const client = new CmpClient(connection, { budget: CallBudget.unlimited(), dispatcher: dawdling });
  const runId = await sync.start({ scope: 'reports', depth: 'full' });
  const run = await sync.work(runId, { openCmp: async () => ({ client, budgetState: () => null }) });
  await agent.close();
  expect(late).toBe(true);
  expect(run).toMatchObject({ status: 'succeeded', counts: { appeared: 1, failed: 0 } });
});
