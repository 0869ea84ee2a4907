import { Readable } from 'node:stream';
import { unzipSync } from 'fflate';
import writeXlsxFile from 'write-excel-file/node';
import { ColumnMap } from './rated-vocabulary.ts';
import { cellNumber } from './report-workbook.ts';
import { readRows } from './report-file.service.ts';

const columns = new ColumnMap();
const limits = { csv: 1_000_000, json: 1_000_000, xlsx: 1_000_000, rows: 100_000, memory: 256 };
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

const names =
  'Café Étoile|Müller & Söhne|Škoda „ž“ €|Señor Ñandú ¿qué?|Åse Ærø & Bjørn|L’Œuvre “déjà”|AÇÃO Ltda|Größe: 5 m² à 3 £|Ê À É'.split(
    '|',
  );
const table = (separator: string) =>
  [head.split(','), ...names.map((one, at) => [one, String(at), '1,50'])]
    .map((row) => row.map((cell) => (cell.includes(separator) ? `"${cell}"` : cell)).join(separator))
    .join('\r\n');
const latin1252 = (text: string) =>
  Buffer.from(
    [...text].map(
      (char) =>
        ({ Š: 0x8a, Œ: 0x8c, ž: 0x9e, '„': 0x84, '’': 0x92, '“': 0x93, '”': 0x94, '€': 0x80 })[char] ??
        char.charCodeAt(0),
    ),
  );
const big = (text: string) => Buffer.from(text, 'utf16le').swap16();
const encodings = {
  'UTF-8': (text: string) => Buffer.from(text),
  'UTF-8 with a byte order mark': (text: string) => Buffer.from(`\uFEFF${text}`),
  'UTF-16 LE': (text: string) => Buffer.from(text, 'utf16le'),
  'UTF-16 LE with a byte order mark': (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'UTF-16 BE': big,
  'UTF-16 BE with a byte order mark': (text: string) => big(`\uFEFF${text}`),
  'Windows-1252': latin1252,
};

describe.each(Object.entries(encodings))('a file in %s', (_, encode) => {
  it.each([',', ';', '\t', '|'])('is read with its cells separated by "%s"', async (separator) => {
    const rows = await rowsOf(encode(table(separator)), 'csv');
    expect(rows.map(({ CUSTOMER_NAME }) => CUSTOMER_NAME)).toEqual(names);
    expect(rows[2]).toMatchObject({ SUBSCRIPTION_ID: '2', RESELLER_DETAIL_TOTAL: '1,50' });
  });

  it('is read however it is cut into pieces', async () => {
    const bytes = encode(table(';'));
    for (const size of [1, 2, 3, 5, 7]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_one, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      const rows = [];
      for await (const row of readRows(Readable.from(pieces), 'csv', columns, limits)) rows.push(row);
      expect(rows.map(({ CUSTOMER_NAME }) => CUSTOMER_NAME)).toEqual(names);
    }
  });

  it('is read as JSON', async () => {
    const json = JSON.stringify(names.map((one) => ({ customerName: one, resellerDetailTotal: 1.5 })));
    const rows = await rowsOf(encode(json), 'json');
    expect(rows.map(({ customerName }) => customerName)).toEqual(names);
  });
});

it.each([
  ['Windows-1250, Wrocław', '57726f63b36177'],
  ['Windows-1250, Łódź', 'a3f3649f'],
  ['Windows-1250, źdźbło', '9f649f62b36f'],
  ['Windows-1251, Привет', 'cff0e8e2e5f2'],
  ['Windows-1253, Αθήνα', 'c1e8deede1'],
  ['Windows-1255, שלום', 'f9ece5ed'],
  ['KOI8-R, Привет', 'f0d2c9d7c5d4'],
  ['code page 850, Café', '43616682'],
  ['code page 850, Größe', '477294e165'],
  ['code page 437, garçon', '67617287 6f6e'.replace(' ', '')],
  ['Macintosh, Café', '4361668e'],
  ['Macintosh, Müller', '4d9f6c6c6572'],
])('refuses a file in %s, rather than reading other letters', async (_, hex) => {
  const name = Buffer.from(hex, 'hex');
  const file = Buffer.concat([Buffer.from(`${head}\n`), name, Buffer.from(',1,2\n')]);
  await expect(rowsOf(file, 'csv')).rejects.toMatchObject({ code: 'report.encoding-unknown' });
});

it('keeps the cells of unknown columns that have one name apart, and leaves out rows of nothing', async () => {
  const row = {
    CUSTOMER_NAME: 'A',
    SUBSCRIPTION_ID: '1',
    RESELLER_DETAIL_TOTAL: '2',
    NOTE: 'x',
    'NOTE #2': 'y',
  };
  expect(await rowsOf(`${head},NOTE,NOTE\nA,1,2,x,y\n,,,,\n`, 'csv')).toEqual([row]);
  const file = await workbook([
    [...head.split(','), 'NOTE', 'NOTE'],
    ['A', '1', '2', 'x', 'y'],
    ['', '', '', '', ''],
  ]);
  expect(await rowsOf(file, 'xlsx')).toEqual([row]);
});

it('takes the separator from the line that Excel puts before the names', async () => {
  expect(await rowsOf(`sep=;\r\n${head.replaceAll(',', ';')}\r\nA;1;2`, 'csv')).toEqual([
    { CUSTOMER_NAME: 'A', SUBSCRIPTION_ID: '1', RESELLER_DETAIL_TOTAL: '2' },
  ]);
});

it('says what may separate the cells of a file that has something else', async () => {
  await expect(rowsOf(`${head.replaceAll(',', '#')}\nA#1#2`, 'csv')).rejects.toMatchObject({
    code: 'report.columns-missing',
    nextStep: expect.stringContaining('commas, semicolons, tabs or vertical bars'),
  });
});

it('keeps every digit of a JSON number, in a list or in an object with one', async () => {
  const json = '[{"CUSTOMER_NAME":"A","RESELLER_DETAIL_TOTAL":12345678901234567.10,"x":null,"tags":["a"]}]';
  const rows = [
    { CUSTOMER_NAME: 'A', RESELLER_DETAIL_TOTAL: { exact: '12345678901234567.10' }, x: '', tags: '["a"]' },
  ];
  expect(await rowsOf(json, 'json')).toMatchObject(rows);
  expect(await rowsOf(`{"name":"r","lines":${json}}`, 'json')).toMatchObject(rows);
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
    { CUSTOMER_NAME: 'A', RESELLER_DETAIL_TOTAL: { exact: '10.5' } },
    { CUSTOMER_NAME: 'B', RESELLER_DETAIL_TOTAL: { exact: '0.1' } },
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
  ['csv', `${head}\n${'x'.repeat(1_100_000)},1,2\n`, 'report.file-too-large'],
  ['csv', `${head},Reseller Detail Total\nA,1,2,3\n`, 'report.columns-ambiguous'],
  ['csv', Buffer.from(`${head}\nCaf\u00e9,1,2\nx\u0081,1,2`, 'latin1'), 'report.encoding-unknown'],
  [
    'csv',
    Buffer.concat([Buffer.from(`${head}\nCafé,1,2\n`), Buffer.from('Caf\u00e9,1,2', 'latin1')]),
    'report.encoding-unknown',
  ],
  [
    'csv',
    Buffer.concat([Buffer.from(`${head}\nCaf\u00e9,1,2\n`, 'latin1'), Buffer.from('Café,1,2')]),
    'report.encoding-unknown',
  ],
  ['csv', Buffer.from(`fffe0000${'41000000'.repeat(9)}`, 'hex'), 'report.encoding-unknown'],
  ['csv', Buffer.from(`fffe${'3d00d800'.repeat(9)}00d80000`, 'hex'), 'report.encoding-unknown'],
  [
    'json',
    Buffer.from('[{"CUSTOMER_NAME":"Caf\u00e9","TOTAL":1},"\u0090"]', 'latin1'),
    'report.encoding-unknown',
  ],
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

it('refuses a workbook with a cell so far away that all between would fill the memory', async () => {
  const withCellAt = (row: number, column: number) =>
    workbook([
      head.split(','),
      ['A', '1', 10.5],
      ...Array.from({ length: row - 3 }, () => []),
      [...Array.from({ length: column - 1 }, () => null), 'x'],
    ]);
  expect(await rowsOf(await withCellAt(300, 26), 'xlsx')).toHaveLength(2);
  for (const [row, column] of [
    [4_000, 16_384],
    [500_000, 3],
  ] as const)
    await expect(rowsOf(await withCellAt(row, column), 'xlsx', { xlsx: 9e6 })).rejects.toMatchObject({
      code: 'report.file-broken',
      message: expect.stringContaining('far away'),
    });
});

it('refuses a workbook that would unpack to far more than it is', async () => {
  const rows = Array.from({ length: 20_000 }, () => ['A', '1', 10.5]);
  const file = await workbook([head.split(','), ...rows]);
  const unpacked = Object.values(unzipSync(file)).reduce((bytes, part) => bytes + part.length, 0);
  expect(unpacked).toBeGreaterThan(file.length * 8);
  await expect(rowsOf(file, 'xlsx', { xlsx: unpacked / 16 })).rejects.toMatchObject({
    code: 'report.file-too-large',
  });
});
