import { reportName, startReporting, usageName, type Reporting } from '../../../test/syncing.fixture.ts';

let sync: Reporting;
beforeAll(async () => {
  sync = await startReporting();
});
afterAll(() => sync.stop());

const written = `select (select sum(version) from rated_documents)::int as documents,
  (select count(*) from rated_lines)::int as lines, (select md5(string_agg(id::text, ',' order by id)) from rated_lines) as ids,
  (select count(*) from outbox where type like '%invoice%')::int as said`;
const february = `select * from rated_documents where number = 'INV20260201'`;

it('imports what CMP has made, each invoice with its lines, and says so', async () => {
  const run = await sync.read();
  expect(run).toMatchObject({ status: 'succeeded', failure: null, counts: { failed: 0, appeared: 3 } });
  const said = await sync.importedInvoices();
  expect(said.map(({ number }) => number)).toEqual(['INV20251201', 'INV20260101', 'INV20260201']);
  const [{ invoiceId, lines, lineTotal, repeatedRows, connectorId }] = said;
  expect(connectorId).toBe(sync.connectorId);
  const kept = await sync.one(
    `select count(*)::int as lines, sum(total)::text as total from rated_lines where document_id = $1`,
    [invoiceId],
  );
  expect(kept).toEqual({ lines, total: lineTotal });
  expect(repeatedRows).toBeGreaterThan(2);
  expect(said[0]).toMatchObject({ balance: 'unchecked', changed: [], linesRemoved: 0, linesAdded: lines });
});

it('matches lines with their subscriptions, and takes vendor and billing cycle from them', async () => {
  const { lines, matched, wrong, known } = await sync.one(
    `select count(*)::int as lines, count(*) filter (where matched_by = 'subscription')::int as matched,
       count(*) filter (where vendor is not null and billing_cycle is not null)::int as known,
       count(*) filter (where s.cmp_id <> cmp_subscription_id or s.provider_account_id <> l.provider_account_id)::int as wrong
     from rated_lines l left join provider_subscriptions s on s.id = l.provider_subscription_id`,
  );
  expect({ matched, wrong, known }).toEqual({ matched: lines, wrong: 0, known: lines });
  expect(
    (await sync.pool.query('select distinct kind from rated_lines order by 1')).rows.map(({ kind }) => kind),
  ).toEqual(['licence', 'one-off', 'usage']);
});

it('writes nothing when there is nothing new', async () => {
  const before = await sync.one(written);
  const run = await sync.read();
  expect(run.counts).toMatchObject({ read: 0, appeared: 0, changed: 0, failed: 0, calls: 1 });
  expect(await sync.one(written)).toEqual(before);
});

describe('the same invoice in another report', () => {
  const oddities = {
    'in CSV': {},
    'in JSON': { format: 'json' },
    'as a workbook': { format: 'xlsx' },
    'with a byte order mark': { byteOrderMark: true },
    'in JSON with a byte order mark': { format: 'json', byteOrderMark: true },
    'of a format in capitals': { upperCaseFormats: true, format: 'json' },
    'with thousands separators': { thousandsSeparators: true },
    'as a workbook with thousands separators as texts': { thousandsSeparators: true, format: 'xlsx' },
    'with its columns in another order': { shuffledColumns: true },
    'with columns nobody knows': { unknownColumns: true },
    'with every row once': { repeatEvery: 0 },
  } as const;

  it.each(Object.entries(oddities))('%s: nothing is written again', async (_, { ...spoilt }) => {
    const { format = 'csv', ...oddity } = spoilt as { format?: 'csv' };
    const before = await sync.one(written);
    await sync.simulator.control.spoilReports(oddity);
    await sync.order({ format });
    const run = await sync.read();
    await sync.simulator.control.mendReports();
    expect(run).toMatchObject({
      status: 'succeeded',
      counts: { failed: 0, unchanged: 1, appeared: 0, changed: 0, setAside: 0 },
    });
    expect(run.counts.read).toBeGreaterThan(200);
    expect(await sync.one(written)).toEqual(before);
  });
});

it('says which rows it took for repeated', async () => {
  await sync.order();
  const records = await sync.records(await sync.read());
  expect(records).toEqual([
    {
      kind: 'invoice',
      cmpId: 'INV20260201',
      result: 'set-aside',
      reason: expect.stringMatching(/^\d+ rows are equal to earlier ones and count once: rows 51, 102, /),
    },
  ]);
});

it('lists usage that is on no invoice under its report, and replaces it with a later one', async () => {
  await sync.order({ name: usageName });
  const run = await sync.read();
  expect(run.counts).toMatchObject({ appeared: 1 });
  expect(await sync.importedInvoices()).toEqual([]);
  const document = `select number, lines, version from rated_documents where kind = 'unbilled'`;
  const { lines } = await sync.one(document);
  expect(await sync.one(document)).toEqual({ number: `${usageName} 2026-02-01`, lines, version: 1 });
  await sync.simulator.control.spoilReports({ moreDecimals: true });
  await sync.order({ name: usageName });
  await sync.read();
  await sync.simulator.control.mendReports();
  expect(await sync.one(document)).toMatchObject({ lines, version: 2 });
});

it('replaces an invoice as a whole when a later report says otherwise, and keeps the ids of lines that stay and columns nobody knows', async () => {
  const before = await sync.one(february);
  const ids = `select array_agg(id) as ids from rated_lines where document_id = $1`;
  const { ids: old } = await sync.one(ids, [before.id]);
  const { lines } = before;
  const { cmp_id, quantity } = await sync.one(
    `select s.cmp_id, s.quantity from provider_subscriptions s join rated_lines l on l.provider_subscription_id = s.id
     where l.document_id = $1 and l.kind = 'licence' and json_array_length(s.lines) = 1
       and not exists (select from rated_lines o where o.document_id = $1 and o.kind <> 'licence' and o.cmp_subscription_id = s.cmp_id)
     limit 1`,
    [before.id],
  );
  await sync.simulator.control.patchSubscription(cmp_id, { quantity: quantity + 1 });
  await sync.simulator.control.spoilReports({ unknownColumns: true });
  await sync.order();
  const run = await sync.read();
  await sync.simulator.control.mendReports();
  expect(run.counts).toMatchObject({ changed: 1, appeared: 0 });
  expect(await sync.importedInvoices()).toMatchObject([
    { number: 'INV20260201', changed: ['lines'], linesAdded: 1, linesRemoved: 1, lines },
  ]);
  const { ids: now } = await sync.one(ids, [before.id]);
  const fresh = (now as string[]).filter((id) => !(old as string[]).includes(id));
  expect(fresh).toHaveLength(1);
  expect(await sync.one('select other, quantity from rated_lines where id = $1', fresh)).toEqual({
    other: { COST_CENTRE: 'CC-7', RESELLER_LOYALTY_POINTS: '12' },
    quantity: String(quantity + 1),
  });
  expect(await sync.one(february)).toMatchObject({ version: before.version + 1, lines });
});

it('plans without fetching anything', async () => {
  const { id } = await sync.order();
  const before = await sync.one(written);
  const run = await sync.run({ scope: 'reports', depth: 'full', apply: false });
  expect(run.status).toBe('succeeded');
  expect(await sync.records(run)).toEqual([
    { kind: 'report', cmpId: id, result: 'appeared', reason: reportName },
  ]);
  expect(await sync.one(written)).toEqual(before);
});
