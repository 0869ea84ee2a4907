import fc from 'fast-check';
import { InvalidPartNumber, PartNumber, periodSuffix } from './part-number.ts';

const trimmed = (text: string) => text.trim() !== '' && text.trim() === text;
const letters = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter(trimmed);
const vendors = fc.oneof(
  fc.constantFrom('MICROSOFT', 'NewVendor1', 'Ven dor', 'a/b%2F', 'Ünïcode', '_ANNUAL', 'INGRAM', '…'),
  letters.filter((text) => !text.includes(':')),
);
const stems = fc.oneof(
  fc.constantFrom('CFQ7TTC0LH16:0001', '65297934CA01A12', 'a:b:c', ':', '::x', 'X_ANNUAL', '=1+1'),
  fc.uuid(),
  letters,
);
const mpns = fc
  .tuple(stems, fc.constantFrom('', '_ANNUAL', '_MONTHLY', '_annual'))
  .map(([stem, suffix]) => stem + suffix);
const partNumbers = fc.record({ vendor: vendors, mpn: mpns }).filter(({ vendor, mpn }) => {
  try {
    return Boolean(PartNumber.of(vendor, mpn));
  } catch {
    return false;
  }
});
const blanks = fc.constantFrom('', ' ', '   ', '\u00a0');
const problemOf = (text: string) => {
  try {
    PartNumber.parse(text);
  } catch (error) {
    return error as InvalidPartNumber;
  }
  throw new Error(`${JSON.stringify(text)} was accepted`);
};

describe('PartNumber', () => {
  it('comes back exactly as it was printed', () => {
    fc.assert(
      fc.property(partNumbers, (partNumber) => {
        const text = PartNumber.print(partNumber);
        expect(PartNumber.parse(text)).toEqual(partNumber);
        expect(PartNumber.print(PartNumber.parse(text))).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  it('forgives the case of the prefix and blanks around every part, in input only', () => {
    fc.assert(
      fc.property(
        partNumbers,
        fc.array(blanks, { minLength: 4, maxLength: 4 }),
        (partNumber, [a, b, c, d]) => {
          const typed = `${a}InGram${b}:${c}${partNumber.vendor}${d}:${a}${partNumber.mpn}${b}`;
          expect(PartNumber.print(PartNumber.parse(typed))).toBe(PartNumber.print(partNumber));
        },
      ),
    );
  });

  it('is the same in any case, and sorts by what is the same', () => {
    fc.assert(
      fc.property(partNumbers, partNumbers, partNumbers, (a, b, c) => {
        expect(PartNumber.compare(a, b) + PartNumber.compare(b, a)).toBe(0);
        expect(PartNumber.compare(a, b) === 0).toBe(PartNumber.equals(a, b));
        if (PartNumber.compare(a, b) <= 0 && PartNumber.compare(b, c) <= 0)
          expect(PartNumber.compare(a, c)).toBeLessThanOrEqual(0);
      }),
    );
    const typed = PartNumber.parse('ingram:Microsoft:cfq7ttc0lh16:0001');
    expect(PartNumber.equals(typed, PartNumber.parse('INGRAM:MICROSOFT:CFQ7TTC0LH16:0001'))).toBe(true);
    expect(PartNumber.equals(typed, PartNumber.parse('INGRAM:MICROSOFT:CFQ7TTC0LH16:0002'))).toBe(false);
    expect(PartNumber.print(typed)).toBe('INGRAM:Microsoft:cfq7ttc0lh16:0001');
  });

  it('leaves colons and suffixes in the mpn', () => {
    expect(PartNumber.parse('INGRAM:MICROSOFT:CFQ7TTC0LH16:0001')).toEqual({
      vendor: 'MICROSOFT',
      mpn: 'CFQ7TTC0LH16:0001',
    });
    expect(PartNumber.parse('INGRAM:NewVendor1:d903a2db-bf6f-4434-83f1-21ba44017813_ANNUAL').mpn).toBe(
      'd903a2db-bf6f-4434-83f1-21ba44017813_ANNUAL',
    );
  });

  it.each<[string, number, RegExp]>([
    ['', 1, /empty/],
    ['   ', 1, /empty/],
    ['CFQ7TTC0LH16:0001', 1, /does not start with INGRAM:/],
    ['  INGRAMX:MICROSOFT:A', 3, /does not start/],
    ['INGRAM', 7, /vendor id and mpn are missing/],
    ['INGRAM:MICROSOFT', 17, /the mpn is missing/],
    ['INGRAM::A', 8, /vendor id is empty/],
    ['INGRAM: :A', 8, /vendor id is empty/],
    ['INGRAM:MICROSOFT: ', 18, /mpn is empty/],
    ['INGRAM:MICRO\tSOFT:A', 13, /cannot be printed/],
    ['INGRAM:MICROSOFT:A\u0000B', 19, /cannot be printed/],
    [`INGRAM:${'V'.repeat(256)}:A`, 263, /longer than 255/],
  ])('says of %j what is wrong and where: position %d', (text, position, problem) => {
    const error = problemOf(text);
    expect(error).toMatchObject({ name: 'InvalidPartNumber', code: 'part-number.invalid', position, text });
    expect(error.message).toMatch(problem);
  });

  it.each([
    ['A:B', 'C'],
    [' A', 'C'],
    ['A', 'C '],
    ['', 'C'],
    ['A', ''],
  ])('is not made of vendor %j and mpn %j', (vendor, mpn) => {
    expect(() => PartNumber.of(vendor, mpn)).toThrow(InvalidPartNumber);
  });
});

describe('periodSuffix', () => {
  it.each([
    ['X_ANNUAL', { stem: 'X', billingPeriod: 'P1Y' }],
    ['a:b_monthly', { stem: 'a:b', billingPeriod: 'P1M' }],
    ['X_ANNUAL_MONTHLY', { stem: 'X_ANNUAL', billingPeriod: 'P1M' }],
    ['X', undefined],
    ['_ANNUAL', undefined],
    ['X_ANNUALLY', undefined],
  ])('reads %s as %j', (mpn, expected) => expect(periodSuffix(mpn)).toEqual(expected));
});
