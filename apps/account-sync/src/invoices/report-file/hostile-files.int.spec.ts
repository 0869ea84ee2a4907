import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { packed, rowWith, workbookOf } from '../../../test/workbook.fixture.ts';

const program = fileURLToPath(new URL('../../../test/read-file.fixture.ts', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isthmus-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Reads a file in a process that has 128 MiB; rejects if that process does not survive it. */
async function read(
  file: string | Buffer,
  format: string,
): Promise<{ rows: number; code?: string; message?: string; turns: number }> {
  const path = join(folder, `report.${format}`);
  await writeFile(path, file);
  const node = [
    '--conditions=@isthmus/source',
    '--experimental-transform-types',
    '--disable-warning=ExperimentalWarning',
    '--max-old-space-size=128',
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, program, path, format], {
    env: {},
  });
  return JSON.parse(stdout);
}

const head = 'CUSTOMER_NAME,SUBSCRIPTION_ID,RESELLER_DETAIL_TOTAL';
const sharedText = (length: number) => `<si><t>${'x'.repeat(length)}</t></si>`;
/** Rows whose only cell has the first of the texts that are stored once. */
const repeats = (rows: number) =>
  Array.from({ length: rows }, (_, at) => `<row r="${at + 2}"><c r="A${at + 2}" t="s"><v>0</v></c></row>`);
const letters = (column: number): string =>
  (column >= 26 ? letters(Math.floor(column / 26) - 1) : '') + String.fromCharCode(65 + (column % 26));
const spaces = deflateRawSync(Buffer.alloc(600_000_000, ' '));
const sheetOfAMillion = () => {
  const xml = Buffer.alloc(1_000_000, ' ');
  return packed('xl/worksheets/sheet2.xml', xml);
};

describe('with 128 MiB of memory, the reader survives a workbook', () => {
  const cases: [string, () => Buffer, string, RegExp][] = [
    ['with row 8,000,000', () => workbookOf(rowWith('A8000000')), 'report.file-broken', /far away/],
    [
      'with a row of that number and no cell',
      () => workbookOf('<row r="8000000"></row>'),
      'report.file-broken',
      /far away/,
    ],
    ['with row 40,000,000', () => workbookOf(rowWith('A40000000')), 'report.file-broken', /no position/],
    ['with cell XFD20000', () => workbookOf(rowWith('XFD20000')), 'report.file-broken', /far away/],
    ['with cell XFD1048576', () => workbookOf(rowWith('XFD1048576')), 'report.file-broken', /far away/],
    [
      'with a column beyond Z thrice',
      () => workbookOf(rowWith('ZZZZZ2')),
      'report.file-broken',
      /no position/,
    ],
    [
      'with a position in small letters',
      () => workbookOf(rowWith('xfd2')),
      'report.file-broken',
      /no position/,
    ],
    [
      'whose row number is written with entities',
      () => workbookOf(rowWith('A2', '&#56;&#x30;00000')),
      'report.file-broken',
      /far away/,
    ],
    [
      'whose row number has an exponent',
      () => workbookOf(rowWith('A2', '8e6')),
      'report.file-broken',
      /no position/,
    ],
    [
      'whose row number has blanks',
      () => workbookOf(rowWith('A2', ' 8000000')),
      'report.file-broken',
      /no position/,
    ],
    [
      'whose elements and attributes have a prefix',
      () =>
        workbookOf('<x:row x:r="8000000"><x:c x:r="A8000000" t="n"><x:v>1</x:v></x:c></x:row>', {
          prefix: 'x',
        }),
      'report.file-broken',
      /far away/,
    ],
    [
      'whose attribute before the position has a bracket',
      () => workbookOf('<row spans="1>2" r="2000000"><c r="A2000000"><v>1</v></c></row>'),
      'report.file-broken',
      /far away/,
    ],
    [
      'whose sheet is in a folder of another name',
      () => workbookOf(rowWith('XFD1048576'), { path: 'elsewhere.xml' }),
      'report.file-broken',
      /far away/,
    ],
    [
      'of 600 kB that unpacks to 600 MB and states 1 kB',
      () =>
        workbookOf('', {
          more: [{ name: 'xl/worksheets/sheet2.xml', packed: spaces, claimed: 1_000 }],
        }),
      'report.file-too-large',
      /8 MiB/,
    ],
    [
      'whose entries share the same bytes',
      () => {
        const one = sheetOfAMillion();
        const others = Array.from({ length: 5_000 }, (_, at) => ({
          ...one,
          name: `xl/worksheets/s${at}.xml`,
          shared: true,
        }));
        return workbookOf('', { more: [one, ...others] });
      },
      'report.file-too-large',
      /8 MiB/,
    ],
    [
      'with thousands of cells that all have the same long text',
      () => workbookOf(repeats(3_000).join(''), { strings: sharedText(200_000) }),
      'report.file-too-large',
      /256 MiB/,
    ],
    [
      'with a text longer than any row',
      () => workbookOf(repeats(1).join(''), { strings: sharedText(300_000) }),
      'report.file-broken',
      /Row 2 is longer/,
    ],
    [
      'whose honest rows take more memory than there is',
      () =>
        workbookOf(
          Array.from({ length: 80_000 }, (_, row) => {
            const cells = Array.from(
              { length: 20 },
              (_cell, at) => `<c r="${letters(at)}${row + 2}"><v>${(at * row) % 97}</v></c>`,
            );
            return `<row>${cells.join('')}</row>`;
          }).join(''),
        ),
      'report.file-broken',
      /more memory or time/,
    ],
    [
      'with more rows than its reader can read in a reasonable time',
      () => workbookOf('<row/>'.repeat(300_000)),
      'report.file-too-large',
      /131072 rows/,
    ],
    [
      'with 5,000 columns',
      () =>
        workbookOf(
          `<row r="2">${Array.from({ length: 5_000 }, (_, at) => `<c r="${letters(at)}2"><v>1</v></c>`).join('')}</row>`,
        ),
      'report.file-broken',
      /1024 columns/,
    ],
    [
      'with a directory that points nowhere',
      () => {
        const file = workbookOf('');
        file.writeUInt32LE(0xfffffff0, file.length - 22 - 46 - 'xl/worksheets/sheet1.xml'.length + 42);
        return file;
      },
      'report.file-broken',
      /not a complete workbook/,
    ],
  ];

  it.each(cases)('%s', async (_, file, code, message) => {
    const told = await read(file(), 'xlsx');
    expect([told.code ?? '', told.message ?? '']).toEqual([code, expect.stringMatching(message)]);
    expect(told.rows).toBeLessThan(3_000);
    // What blocks the event loop lets it turn a few times between waiting for the disk.
    expect(told.turns).toBeGreaterThan(100);
  });

  it('whose header states four gigabytes where its directory states the truth, and reads it', async () => {
    const file = workbookOf(rowWith('A2'));
    file.writeUInt32LE(0xfffffff0, 22);
    expect(await read(file, 'xlsx')).toMatchObject({ rows: 1 });
  });
});

describe('with 128 MiB of memory, the reader survives', () => {
  it.each<[string, string, () => string, string, RegExp]>([
    [
      'a JSON file of millions of rows',
      'json',
      () => `[${'{},'.repeat(20_000_000)}{}]`,
      'report.file-broken',
      /more memory/,
    ],
    ['a JSON file nested a million deep', 'json', () => '['.repeat(1_000_000), 'report.file-broken', /./],
    [
      'a JSON row with 5,000 names',
      'json',
      () => JSON.stringify([Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`c${at}`, 1]))]),
      'report.file-broken',
      /1024 columns/,
    ],
    [
      'a JSON row with a text longer than any row',
      'json',
      () => JSON.stringify([{ CUSTOMER_NAME: 'x'.repeat(300_000), RESELLER_DETAIL_TOTAL: 1 }]),
      'report.file-broken',
      /Row 1 is longer/,
    ],
    [
      'a CSV with 5,000 columns',
      'csv',
      () => `${head}${',x'.repeat(5_000)}\n`,
      'report.file-broken',
      /1024 columns/,
    ],
    ['a CSV whose first row never ends', 'csv', () => 'x,'.repeat(5_000_000), 'report.columns-missing', /./],
    [
      'a CSV with a row that never ends',
      'csv',
      () => `${head}\n${'x'.repeat(50_000_000)}`,
      'report.file-broken',
      /./,
    ],
    [
      'a CSV with a quote that never ends',
      'csv',
      () => `${head}\nA,"${'x\n'.repeat(5_000_000)}`,
      'report.file-broken',
      /./,
    ],
    [
      'a CSV with millions of rows',
      'csv',
      () => `${head}\n${'A,1,2\n'.repeat(1_100_000)}`,
      'report.file-too-large',
      /1048576 rows/,
    ],
  ])('%s', async (_, format, file, code, message) => {
    const told = await read(file(), format);
    expect([told.code, told.message]).toEqual([code, expect.stringMatching(message)]);
  });
});
