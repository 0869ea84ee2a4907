import type { ReportOddities } from '@isthmus/cmp-simulator';
import { startReporting, type Reporting } from '../../../test/syncing.fixture.ts';

let sync: Reporting;
beforeAll(async () => {
  sync = await startReporting();
  await sync.read();
});
afterAll(() => sync.stop());
afterEach(() => sync.simulator.control.mendReports());

const spoil = (oddities: Partial<ReportOddities>) => sync.simulator.control.spoilReports(oddities);
const period = { startDate: '2026-02-01T00:00:00Z', endDate: '2026-02-28T23:59:59Z' };

/** A report whose file is just this. */
async function given(text: string | Buffer, more: Parameters<Reporting['order']>[0] = {}) {
  await spoil({ verbatim: Buffer.from(text).toString('base64') });
  const report = await sync.order({ ...period, ...more });
  return { ...report, run: await sync.read() };
}
const linesOf = async (number: string) =>
  (
    await sync.pool.query(
      `select l.kind, l.customer_name as name, l.quantity::text, l.unit_price::text as price, l.total::text, l.currency,
         l.charge_start::text as start, l.matched_by as by, l.provider_account_id as account
       from rated_lines l join rated_documents d on d.id = l.document_id where d.number = $1 order by l.row_no`,
      [number],
    )
  ).rows;
const reportOf = (cmpId: string) =>
  sync.one(`select status, attempts, failure from rated_reports where cmp_id = $1`, [cmpId]);
const fix = (decimal: string | null, order: string | null) =>
  sync.pool.query(
    `insert into report_formats values ($1, $2, $3, $4, 'spec', now())
     on conflict (tenant_id, connector_id) do update set decimal_separator = $3, date_order = $4`,
    [sync.tenantId, sync.connectorId, decimal, order],
  );

const written = `select (select sum(version) from rated_documents)::int as documents,
  (select md5(string_agg(id::text, ',' order by id)) from rated_lines) as ids,
  (select count(*) from outbox where type like '%invoice%')::int as said`;

it.each<[string, Partial<ReportOddities>, ('csv' | 'json' | 'xlsx')?]>([
  ['with decimal commas', { decimalComma: true }],
  ['with decimal commas and points between thousands', { decimalComma: true, thousandsSeparators: true }],
  ['in JSON with decimal commas as texts', { decimalComma: true, thousandsSeparators: true }, 'json'],
  ['as a workbook of texts with decimal commas', { decimalComma: true, days: 'day-first' }, 'xlsx'],
  ['with the day first', { days: 'day-first' }],
  ['with the month first', { days: 'month-first' }],
  ['with semicolons', { separator: ';', decimalComma: true }],
  ['with tabs', { separator: '\t' }],
  ['with vertical bars', { separator: '|' }],
  ['in UTF-16 LE', { encoding: 'utf-16le', byteOrderMark: true }],
  ['in UTF-16 BE without a mark', { encoding: 'utf-16be' }],
  ['in JSON in UTF-16', { encoding: 'utf-16le' }, 'json'],
  ['in Windows-1252', { encoding: 'windows-1252' }],
  ['with camel case columns', { spelling: 'camel' }, 'json'],
  ['with spaced columns', { spelling: 'spaced' }],
])('reads the same of the invoice %s', async (_, oddities, format = 'csv') => {
  const before = await sync.one(written);
  await spoil(oddities);
  await sync.order({ format });
  const { counts } = await sync.read();
  expect(counts).toMatchObject({ failed: 0, unchanged: 1, appeared: 0, changed: 0 });
  expect(await sync.one(written)).toEqual(before);
});

describe('numbers', () => {
  const head =
    'CUSTOMER_NAME,RESELLER_DETAIL_QTY,RESELLER_DETAIL_UNIT_PRICE,RESELLER_DETAIL_TOTAL,RESELLER_INVOICE_NUMBER';

  it('with a comma before three decimals are what they are', async () => {
    await given(`${head}\nContoso,"0,750","0,125","0,094",N1\nContoso,"2,000","1,500","3,000",N1\n`);
    expect(await linesOf('N1')).toMatchObject([
      { quantity: '0.750', price: '0.125', total: '0.094' },
      { quantity: '2.000', price: '1.500', total: '3.000' },
    ]);
  });

  it('with a point between thousands are, too, where another row tells', async () => {
    await given(`${head}\nContoso,1,"1.000","1.000",N2\nContoso,-1,"1.488,69","-1.488,69",N2\n`);
    expect(await linesOf('N2')).toMatchObject([{ total: '1000' }, { price: '1488.69', total: '-1488.69' }]);
  });

  it('that may be either refuse the file, until a setting tells', async () => {
    const { id, run } = await given(`${head}\nContoso,1,1.250,1.250,N3\n`);
    expect(run.counts).toMatchObject({ failed: 1, appeared: 0 });
    const { failure } = await reportOf(id);
    expect(failure).toMatchObject({
      code: 'report.format-doubtful',
      detail: expect.stringContaining('row 1, RESELLER_DETAIL_UNIT_PRICE: "1.250"'),
      nextStep: expect.stringContaining(`PUT /v1/report-formats/${sync.connectorId}`),
    });
    expect(await linesOf('N3')).toEqual([]);
    await fix(',', null);
    await sync.read();
    await fix(null, null);
    expect(await linesOf('N3')).toMatchObject([{ total: '1250' }]);
    expect(await reportOf(id)).toMatchObject({ status: 'imported', attempts: 2, failure: null });
  });
});

describe('days', () => {
  const head =
    'CUSTOMER_NAME,RESELLER_DETAIL_TOTAL,RESELLER_INVOICE_NUMBER,RESELLER_INVOICE_DATE,RESELLER_DETAIL_START_DATE,RESELLER_DETAIL_END_DATE';

  it("are told by the report's own period where they do not tell themselves", async () => {
    const october = { startDate: '2025-10-01T00:00:00Z', endDate: '2025-10-31T23:59:59Z' };
    await given(`${head}\nContoso,1.5,D1,06/10/2025,01/10/2025,05/10/2025\n`, october);
    expect(await linesOf('D1')).toMatchObject([{ start: '2025-10-01' }]);
    expect(
      await sync.one(`select invoice_date::text as day from rated_documents where number = 'D1'`),
    ).toEqual({
      day: '2025-10-06',
    });
  });

  it('refuse the file where neither does', async () => {
    const { id } = await given(`${head}\nContoso,1.5,D2,06/10/2025,01/10/2025,05/10/2025\n`);
    expect((await reportOf(id)).failure).toMatchObject({
      code: 'report.format-doubtful',
      nextStep: expect.stringContaining('"month-first" or "day-first"'),
    });
  });
});

describe('the full export', () => {
  it('is read with its currency, and matched by the account whatever the name', async () => {
    await spoil({
      view: 'full',
      currency: 'EUR',
      withoutSubscriptions: true,
      accents: true,
      refunds: 2,
      encoding: 'windows-1252',
    });
    await sync.order({ startDate: '2026-01-02T00:00:00Z' });
    expect((await sync.read()).counts).toMatchObject({ failed: 0, appeared: 1 });
    expect(await sync.invoice('INV20260102')).toMatchObject({ currency: 'EUR', unmatched_lines: 0 });
    const lines = await linesOf('INV20260102');
    expect(new Set(lines.map(({ currency, by }) => `${currency} ${by}`))).toEqual(
      new Set(['EUR account-id']),
    );
    expect(lines[0]).toMatchObject({ name: 'Café Étoile' });
    expect(lines.filter(({ kind, quantity }) => kind === 'licence' && quantity === '-1')).toHaveLength(2);
  });

  it('tells two accounts of one name apart, and waits for one that is not known yet', async () => {
    const [known, other] = await sync.simulator.control.addCustomers({ name: 'Twin Ltd', count: 2 });
    await sync.run({ scope: 'accounts' });
    const head = 'CUSTOMER_NAME,CUSTOMER_ACCOUNT_ID,RESELLER_DETAIL_TOTAL,RESELLER_INVOICE_NUMBER';
    const id = (one: { id: string } | undefined) => one!.id;
    await given(
      `${head}\nTwin Ltd,${id(other)},1.5,A1\nRenamed since,${id(known)},2.5,A1\nTwin Ltd,999999999,3.5,A1\n`,
    );
    const account = (cmpId: string) =>
      sync.one('select id from provider_accounts where cmp_id = $1', [cmpId]).then((row) => row.id as string);
    expect(await linesOf('A1')).toMatchObject([
      { by: 'account-id', account: await account(id(other)) },
      { by: 'account-id', account: await account(id(known)) },
      { by: null, account: null },
    ]);
  });

  it('is read in the short view', async () => {
    await spoil({ view: 'short', invoiceTotalColumn: true });
    await sync.order({ startDate: '2026-01-03T00:00:00Z', format: 'csv' });
    expect((await sync.read()).counts).toMatchObject({ failed: 0, appeared: 1 });
    expect(await sync.invoice('INV20260103')).toMatchObject({ balance: 'balanced', unmatched_lines: 0 });
  });

  it('replaces what is not billed yet in every currency', async () => {
    const head = 'CUSTOMER_NAME,RESELLER_DETAIL_TOTAL,RESELLER_ACCOUNT_CURRENCY';
    const name = 'Every Invoice - Usage';
    const unbilled = async () =>
      (
        await sync.pool.query(
          `select d.number, d.currency, d.line_total::text as total, d.lines from rated_documents d where kind = 'unbilled' order by 1`,
        )
      ).rows;
    await given(`${head}\nContoso,1.5,EUR\nContoso,2.5,USD\n`, { name });
    expect(await unbilled()).toEqual([
      { number: `${name} 2026-02-01`, currency: 'USD', total: '2.5', lines: 1 },
      { number: `${name} 2026-02-01 EUR`, currency: 'EUR', total: '1.5', lines: 1 },
    ]);
    await given(`${head}\nContoso,3.5,EUR\n`, { name });
    expect(await unbilled()).toEqual([
      { number: `${name} 2026-02-01 EUR`, currency: 'EUR', total: '3.5', lines: 1 },
    ]);
  });

  it('may have another currency in each invoice; a total of them all states nothing', async () => {
    const head = 'CUSTOMER_NAME,RESELLER_DETAIL_TOTAL,RESELLER_INVOICE_NUMBER,RESELLER_ACCOUNT_CURRENCY';
    await given(`${head}\nContoso,1.5,C1,EUR\nContoso,2.5,C2,usd\nGrand Total,4,,\n`);
    expect(await sync.invoice('C1')).toMatchObject({
      currency: 'EUR',
      line_total: '1.5',
      balance: 'unchecked',
    });
    expect(await sync.invoice('C2')).toMatchObject({
      currency: 'USD',
      line_total: '2.5',
      balance: 'unchecked',
    });
  });
});
