import { Readable } from 'node:stream';
import writeXlsxFile from 'write-excel-file/node';
import { ColumnMap } from '../domain/rated-columns.ts';
import { cellNumber } from './cell-text.ts';
import { readRows } from './read-rows.ts';
import { unpackedSize } from './unpacked-size.ts';

const columns = new ColumnMap();
const limits = { csv: 1_000_000, json: 1_000_000, xlsx: 1_000_000 };
async function rowsOf(file: string | Buffer, format: string, more: object = {}) {
  const rows = [];
  const bytes = Readable.from([Buffer.from(file)]);
  for await (const row of readRows(bytes, format, columns, { ...limits, ...more })) rows.push(row);
  return rows;
}
const head = 'CUSTOMER_NAME,SUBSCRIPTION_ID,RESELLER_DETAIL_TOTAL';
const workbook = (rows: unknown[][]) => writeXlsxFile(rows as never, { sheet: 'S' }).toBuffer();

it('reads quotes, line ends within them and blank lines of a CSV', async () => {
  const csv = `\uFEFF${head}\r\n"Fabrikam, Inc.",1,"1,234.50"\r\n\r\n"two\nlines",2,3\r\n`;
  expect(await rowsOf(csv, 'csv')).toEqual([
    { CUSTOMER_NAME: 'Fabrikam, Inc.', SUBSCRIPTION_ID: '1', RESELLER_DETAIL_TOTAL: '1,234.50' },
    { CUSTOMER_NAME: 'two\nlines', SUBSCRIPTION_ID: '2', RESELLER_DETAIL_TOTAL: '3' },
  ]);
});

it('keeps every digit of a JSON number, in a list or in an object with one', async () => {
  const json = '[{"CUSTOMER_NAME":"A","RESELLER_DETAIL_TOTAL":12345678901234567.10,"x":null,"tags":["a"]}]';
  const rows = [{ CUSTOMER_NAME: 'A', RESELLER_DETAIL_TOTAL: '12345678901234567.10', tags: '["a"]' }];
  expect(await rowsOf(json, 'json')).toEqual(rows);
  expect(await rowsOf(`{"name":"r","lines":${json}}`, 'json')).toEqual(rows);
});

it('finds the columns of a workbook below its title', async () => {
  const file = await workbook([
    ['Invoice of March'],
    [],
    head.split(','),
    ['A', '1', 10.5],
    [],
    ['B', '2', 0.1],
  ]);
  expect(await rowsOf(file, 'xlsx')).toMatchObject([
    { CUSTOMER_NAME: 'A', RESELLER_DETAIL_TOTAL: '10.5' },
    { CUSTOMER_NAME: 'B', RESELLER_DETAIL_TOTAL: '0.1' },
  ]);
});

it.each([
  ['10.5', '10.5'],
  ['377708.81999999995', '377708.82'],
  ['12.400000000000001', '12.4'],
  ['123456789012345', '123456789012345'],
])('reads the stored number %s as %s', (stored, value) => {
  expect(cellNumber(stored)).toBe(value);
});

it.each([
  ['csv', 'a,b\n1,2\n', 'report.columns-missing'],
  ['csv', '', 'report.columns-missing'],
  ['csv', `${head}\nA,1\n`, 'report.file-broken'],
  ['csv', `${head}\n"A,1,2\n`, 'report.file-broken'],
  ['csv', Buffer.from(`\uFEFF${head}\n`, 'utf16le'), 'report.file-broken'],
  ['csv', `${head}\n${'x'.repeat(1_100_000)},1,2\n`, 'report.file-too-large'],
  ['json', '[{"a":1}]', 'report.columns-missing'],
  ['json', '[1,2]', 'report.file-broken'],
  ['json', '{"a":[],"b":[]}', 'report.file-broken'],
  ['json', '[{"CUSTOMER_NAME":', 'report.file-broken'],
  ['xlsx', 'no archive', 'report.file-broken'],
  ['xml', '<rows/>', 'report.format-unknown'],
  ['constructor', '', 'report.format-unknown'],
])('refuses a %s that holds %j', async (format, file, code) => {
  await expect(rowsOf(file, format)).rejects.toMatchObject({ name: 'ReportNotUsable', code });
});

it('refuses a workbook that would unpack to far more than it is', async () => {
  const rows = Array.from({ length: 20_000 }, () => ['A', '1', 10.5]);
  const file = await workbook([head.split(','), ...rows]);
  expect(unpackedSize(file)).toBeGreaterThan(file.length * 8);
  await expect(rowsOf(file, 'xlsx', { xlsx: unpackedSize(file)! / 16 })).rejects.toMatchObject({
    code: 'report.file-too-large',
  });
});
