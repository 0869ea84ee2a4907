import { Decimal } from '@isthmus/domain';
import fc from 'fast-check';
import {
  type FixedFormat,
  FormatEvidence,
  noFixedFormat,
  readAmount,
  readDay,
  type ReportPeriod,
  usualFormat,
} from './report-format.ts';

function fixedFormat(
  cells: { amounts?: string[]; charged?: string[]; dated?: string[] },
  period: ReportPeriod = {},
  fixed: FixedFormat = noFixedFormat,
) {
  const evidence = new FormatEvidence(period);
  let row = 0;
  const place = (column: string, value: string) => ({ row: (row += 1), column, value });
  for (const text of cells.amounts ?? []) evidence.amount(readAmount(text), place('TOTAL', text));
  for (const text of cells.charged ?? []) evidence.day(readDay(text), place('START', text), true);
  for (const text of cells.dated ?? []) evidence.day(readDay(text), place('INVOICE_DATE', text), false);
  return evidence.resolveFormat(fixed, usualFormat);
}

const october = { from: '2026-10-01T00:00:00Z', until: '2026-10-31T23:59:59Z' };
const doubt = (message: string, setting: string) =>
  expect.objectContaining({
    code: 'report.format-doubtful',
    message: expect.stringContaining(message),
    nextStep: expect.stringContaining(`set ${setting}`),
  });

it.each([
  [['0,750', '0,125', '0,094'], ','],
  [['1.488,69', '1.000', '-1.000'], ','],
  [['1.000', '12', '1 488,69'], ','],
  [['1,000', '12.5'], '.'],
  [['1.234.567', '1.000'], ','],
  [['1.000', '1.5E3'], '.'],
  [['12', '1 000'], '.'],
])('finds in %j the decimal separator "%s"', (amounts, decimalSeparator) => {
  expect(fixedFormat({ amounts })).toMatchObject({ decimalSeparator });
});

it('refuses numbers that may be either, and numbers of both kinds, naming the cells', () => {
  expect(() => fixedFormat({ amounts: ['12', '1.000', '2.000'] })).toThrow(
    doubt('(row 2, TOTAL: "1.000")', 'decimalSeparator'),
  );
  expect(() => fixedFormat({ amounts: ['1.5', '2', '2,5'] })).toThrow(
    doubt('(row 1, TOTAL: "1.5"; row 3, TOTAL: "2,5")', 'decimalSeparator'),
  );
  const fixed = { decimalSeparator: ',' as const, dateOrder: null };
  expect(fixedFormat({ amounts: ['1.000'] }, {}, fixed)).toMatchObject({ decimalSeparator: ',' });
});

it.each([
  ['day-first', { charged: ['01/10/2026', '05/10/2026'], dated: ['06/10/2026'] }],
  ['month-first', { charged: ['10/01/2026', '10/05/2026'], dated: ['06/10/2026'] }],
  ['day-first', { charged: ['13/02/2026', '03/04/2026'] }],
  ['month-first', { charged: ['03/04/2026'], dated: ['10/31/2026'] }],
  ['day-first', { charged: ['03.10.2026'] }],
  ['month-first', { charged: ['2026-03-04', '05/05/2026'] }],
] as const)('takes for %s: %j in a report of October', (dateOrder, { charged, dated = [] }: Days) => {
  expect(fixedFormat({ charged: [...charged], dated: [...dated] }, october)).toMatchObject({ dateOrder });
});
interface Days {
  charged: readonly string[];
  dated?: readonly string[];
}

it.each([
  ['no period', { charged: ['01/10/2026'] }, {}],
  ['a day that neither order puts into the period', { charged: ['01/10/2026', '03/04/2026'] }, october],
  ['days that each order puts into the period', { charged: ['10/09/2026', '09/10/2026'] }, october],
  ['no charge day', { charged: [], dated: ['06/10/2026'] }, october],
  ['days of both kinds', { charged: ['13/10/2026', '10/14/2026'] }, october],
])('refuses days with %s', (_, { charged, dated = [] }: Days, period) => {
  const days = { charged: [...charged], dated: [...dated] };
  expect(() => fixedFormat(days, period)).toThrow(doubt('', 'dateOrder'));
  const fixed = { decimalSeparator: null, dateOrder: 'day-first' as const };
  expect(fixedFormat(days, period, fixed)).toMatchObject({ dateOrder: 'day-first' });
});

it('reads every number of a file as it was meant, or refuses the file', () => {
  const value = fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 9n }), fc.integer({ min: 0, max: 4 }))
    .map(([digits, scale]) => {
      const text = digits.toString().padStart(scale + 1, '0');
      return scale ? `${text.slice(0, -scale)}.${text.slice(-scale)}` : text;
    });
  const print = (text: string, decimal: string, group: string) => {
    const [whole = '', fraction] = text.split('.');
    return whole.replace(/\B(?=(\d{3})+$)/g, group) + (fraction ? decimal + fraction : '');
  };
  let read = 0;
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 8 }),
      fc.constantFrom('.', ','),
      fc.constantFrom('', 'other', ' ', "'"),
      (values, decimal, group) => {
        const separator = group === 'other' ? (decimal === '.' ? ',' : '.') : group;
        const texts = values.map((text) => print(text, decimal, separator));
        let found: '.' | ',';
        try {
          found = fixedFormat({ amounts: texts }).decimalSeparator;
        } catch (error) {
          expect(error).toMatchObject({ code: 'report.format-doubtful' });
          return;
        }
        read += 1;
        expect(texts.map((text) => Decimal.canonical(readAmount(text)[found]!))).toEqual(
          values.map(Decimal.canonical),
        );
      },
    ),
    { numRuns: 2_000 },
  );
  expect(read).toBeGreaterThan(1_000);
});

it('reads every day of a file as it was meant, or refuses the file', () => {
  const day = fc
    .date({
      min: new Date('2026-09-25T00:00:00Z'),
      max: new Date('2026-11-05T00:00:00Z'),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString().slice(0, 10));
  fc.assert(
    fc.property(
      fc.array(day, { minLength: 2, maxLength: 6 }),
      fc.boolean(),
      fc.constantFrom('/', '.', '-'),
      (days, dayFirst, mark) => {
        const texts = days.map((text) => {
          const [year, month, date] = text.split('-');
          return (dayFirst ? [date, month, year] : [month, date, year]).join(mark);
        });
        try {
          const { dateOrder } = fixedFormat(
            { charged: texts },
            { from: '2026-09-25T00:00:00Z', until: '2026-11-05T00:00:00Z' },
          );
          expect(texts.map((text) => readDay(text)[dateOrder])).toEqual(days);
        } catch (error) {
          expect(error).toMatchObject({ code: 'report.format-doubtful' });
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
