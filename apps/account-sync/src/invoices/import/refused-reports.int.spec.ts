import type { ReportOddities } from '@isthmus/cmp-simulator';
import writeXlsxFile from 'write-excel-file/node';
import { startReporting, type Reporting } from '../../../test/syncing.fixture.ts';

let sync: Reporting;
beforeAll(async () => {
  sync = await startReporting();
  await sync.read();
});
afterAll(() => sync.stop());
afterEach(() => sync.simulator.control.mendReports());

const spoil = (oddities: object) => sync.simulator.control.spoilReports(oddities);

describe('a file of which something cannot be kept', () => {
  const head = 'CUSTOMER_NAME,RESELLER_DETAIL_TOTAL,RESELLER_INVOICE_NUMBER,RESELLER_INVOICE_DATE';
  const csv = (row: string) => ({
    verbatim: Buffer.from(`${head}\nContoso,1.5,BAD,2026-02-01\n${row}\n`).toString('base64'),
  });
  it.each<[string, 'csv' | 'json', Partial<ReportOddities>, string]>([
    ['half an emoji', 'json', { halfEmoji: true }, 'Row 4: CUSTOMER_NAME is '],
    ['half an emoji, lost in UTF-8', 'csv', { halfEmoji: true }, 'Row 4: CUSTOMER_NAME is '],
    [
      'half an emoji in UTF-16',
      'csv',
      { halfEmoji: true, encoding: 'utf-16le' },
      'The encoding of the file is unclear.',
    ],
    [
      'a day of the year 0',
      'csv',
      { yearZero: true },
      'Row 5: RESELLER_ACTUAL_DETAIL_START_DATE is "0000-01-01"',
    ],
    [
      'the thirteenth month',
      'csv',
      csv('Contoso,1.5,BAD,2026-13-01'),
      'Row 2: RESELLER_INVOICE_DATE is "2026-13-01"',
    ],
    [
      'an overflow',
      'csv',
      csv(`Contoso,${'9'.repeat(200_000)},BAD,`),
      'Row 2: RESELLER_DETAIL_TOTAL is "999',
    ],
    [
      'a number as long as a book',
      'csv',
      csv(`Contoso,0.${'0'.repeat(200_000)}1,BAD,`),
      'Row 2: RESELLER_DETAIL_TOTAL is "0.000',
    ],
    [
      'an amount in another currency than the connector has',
      'csv',
      csv('Contoso,5.00 kr,BAD,'),
      'Row 2: RESELLER_DETAIL_TOTAL is "5.00 kr", which is not a valid amount in USD',
    ],
    [
      'another alphabet',
      'csv',
      {
        verbatim: Buffer.concat([
          Buffer.from(`${head}\n`),
          Buffer.from('cff0e8e2e5f2', 'hex'),
          Buffer.from(',1,BAD,\n'),
        ]).toString('base64'),
      },
      'The encoding of the file is unclear. It is not UTF-8',
    ],
    [
      'an endless exponent',
      'csv',
      csv('Contoso,1E999999999,BAD,'),
      'Row 2: RESELLER_DETAIL_TOTAL is "1E999999999"',
    ],
    [
      'an endless invoice number',
      'csv',
      csv(`Contoso,1,${'I'.repeat(300)},`),
      'Row 2: RESELLER_INVOICE_NUMBER is "III',
    ],
  ])(
    '%s (%s): fails with its row, counts as an attempt, and holds up no other',
    async (_, format, oddities, reason) => {
      await spoil(oddities);
      const bad = await sync.order({ format, startDate: '2026-01-14T00:00:00Z' });
      await sync.read('incremental');
      await sync.simulator.control.mendReports();
      const good = await sync.order();
      expect(await sync.read('incremental')).toMatchObject({ status: 'succeeded' });
      const report = `select status, attempts, failure->>'detail' as detail from rated_reports where cmp_id = $1`;
      expect(await sync.one(report, [bad.id])).toMatchObject({ attempts: 2 });
      expect(await sync.one(report, [good.id])).toMatchObject({ status: 'imported' });
      await spoil(oddities);
      const again = await sync.order({ format, startDate: '2026-01-15T00:00:00Z' });
      const run = await sync.read('incremental');
      expect(await sync.one(report, [again.id])).toEqual({
        ...{ status: 'failed', attempts: 1, detail: expect.stringContaining(reason) },
      });
      expect((await sync.records(run)).map(({ reason: told }) => told)).toContainEqual(
        expect.stringContaining(reason),
      );
      expect(
        await sync.one(`select count(*)::int as n from rated_lines where customer_name like '%\ufffd%'`),
      ).toEqual({ n: 0 });
      await sync.pool.query('delete from rated_reports where cmp_id = any($1)', [[bad.id, again.id]]);
      await sync.simulator.control.mendReports();
      await sync.read();
    },
  );

  it('which only PostgreSQL sees: fails with its row all the same', async () => {
    await sync.pool.query(`alter table rated_rows add constraint odd check (customer_name <> 'Odd Ltd')`);
    const text = `${head}\nContoso,1.5,ODD1,\nOdd Ltd,2.5,ODD1,\nContoso,3.5,ODD1,\n`;
    await spoil({ verbatim: Buffer.from(text).toString('base64') });
    const { id } = await sync.order();
    await sync.read('incremental');
    await sync.pool.query('alter table rated_rows drop constraint odd');
    const report = `select status, attempts, failure->>'detail' as detail from rated_reports where cmp_id = $1`;
    expect(await sync.one(report, [id])).toEqual({
      ...{ status: 'failed', attempts: 1, detail: expect.stringMatching(/^Row 2 cannot be stored: .*"odd"/) },
    });
    await sync.read('incremental');
    expect(await sync.invoice('ODD1')).toMatchObject({ line_total: '7.5' });
  });
});

it('refuses a workbook whose cells are so far apart that to read it would take the worker down', async () => {
  const row = ['Contoso', '1.5', 'FAR1', '2026-02-01'];
  const head = ['CUSTOMER_NAME', 'RESELLER_DETAIL_TOTAL', 'RESELLER_INVOICE_NUMBER', 'RESELLER_INVOICE_DATE'];
  const far = [...Array.from({ length: 16_383 }, () => null), 'x'];
  const rows = [head, row, ...Array.from({ length: 99_997 }, () => []), far];
  const file = await writeXlsxFile(rows as never, { sheet: 'S' }).toBuffer();
  await spoil({ verbatim: Buffer.from(file).toString('base64') });
  const { id } = await sync.order({ format: 'xlsx', startDate: '2026-01-16T00:00:00Z' });
  expect(await sync.read('incremental')).toMatchObject({ status: 'succeeded', counts: { failed: 1 } });
  expect(await sync.one('select attempts, failure from rated_reports where cmp_id = $1', [id])).toMatchObject(
    {
      attempts: 1,
      failure: { code: 'report.file-broken', detail: expect.stringContaining('far away') },
    },
  );
  await sync.pool.query('delete from rated_reports where cmp_id = $1', [id]);
  await sync.simulator.control.mendReports();
  await sync.read();
});
