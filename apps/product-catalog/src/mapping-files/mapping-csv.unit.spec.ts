import { Readable } from 'node:stream';
import { headerProblem, parseImportRow, parseMappings } from './mapping-csv.ts';

const row = { part_number: 'INGRAM:MICROSOFT:A', product_id: 'PRD1' };

it('reads what a row asks for', () => {
  expect(parseImportRow({ ...row, term: 'p1y', reason: ' why ' })).toEqual({
    ok: true,
    partNumber: 'INGRAM:MICROSOFT:A',
    key: 'ingram:microsoft:a',
    billingPeriod: '',
    term: 'P1Y',
    action: 'map',
    product: 'PRD1',
    reason: 'why',
  });
  expect(parseImportRow({ ...row, product_id: '', action: 'Exclude' })).toMatchObject({ action: 'exclude' });
  expect(parseImportRow({ ...row, product_id: '' })).toMatchObject({ ok: true, action: 'none' });
});

it('takes back the apostrophe of an export, and no other', () => {
  expect(parseImportRow({ ...row, reason: `'=1+1` })).toMatchObject({ reason: '=1+1' });
  expect(parseImportRow({ ...row, reason: `'tis so` })).toMatchObject({ reason: `'tis so` });
});

it.each<[object, RegExp]>([
  [{ part_number: 'MICROSOFT:A' }, /does not start with INGRAM/],
  [{ part_number: '' }, /empty/],
  [{ part_number: 'INGRAM:M:\ufffd' }, /not UTF-8/],
  [{ reason: 'a\u0000b' }, /not UTF-8/],
  [{ term: '1 year' }, /term "1 YEAR" is not a period/],
  [{ action: 'delete' }, /action "delete" is not one of map, exclude, unmap/],
  [{ action: 'unmap' }, /must be empty to unmap/],
  [{ action: 'map', product_id: ' ' }, /product_id is empty/],
  [{ reason: 'x'.repeat(501) }, /longer than 500/],
])('refuses %j with the reason', (more, problem) => {
  expect(parseImportRow({ ...row, ...more })).toMatchObject({
    ok: false,
    problem: expect.stringMatching(problem),
  });
});

it.each<[string[], RegExp]>([
  [['part_number'], /product_id is missing/],
  [['product_id'], /part_number is missing/],
  [['part_number', 'product_id', 'sku'], /"sku" are not known/],
  [['part_number', 'product_id', 'part_number'], /"part_number" occurs twice/],
  [[''], /"" are not known/],
])('says what is wrong with the header %j', (header, problem) => {
  expect(headerProblem(header)).toMatch(problem);
});

it('takes the header of an export', () => {
  expect(
    headerProblem([
      'part_number',
      'billing_period',
      'term',
      'state',
      'product_id',
      'vendor',
      'mpn',
      'reason',
    ]),
  ).toBeUndefined();
});

describe('a file with rows that cannot be read', () => {
  const header = 'part_number,term,product_id\n';
  /** Of so many rows with too many cells, in pieces as they come from a socket. */
  const pieces = function* (count: number) {
    yield header;
    for (let left = count; left > 0; left -= 1_000)
      yield `${'x,'.repeat(30)}\n`.repeat(Math.min(left, 1_000));
  };
  const read = async (count: number) => {
    let refused = 0;
    for await (const { ok } of parseMappings(Readable.from(pieces(count)), 1e9)) if (!ok) refused += 1;
    return refused;
  };

  it('is read as long as they are few', async () => {
    expect(await read(9_999)).toBe(9_999);
  });

  it('is refused early when there are many, and not kept', async () => {
    let given = 0;
    const endless = function* () {
      for (const piece of pieces(1_000_000)) {
        given += 1;
        yield piece;
      }
    };
    const reading = async () => {
      for await (const row of parseMappings(Readable.from(endless()), 1e9)) expect(row.ok).toBe(false);
    };
    await expect(reading()).rejects.toThrow(/More than 10000 rows cannot be read, one of them in line \d+: /);
    expect(given).toBeLessThan(100);
  });
});
