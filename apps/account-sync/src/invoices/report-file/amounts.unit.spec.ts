import { Decimal } from '@isthmus/domain';
import fc from 'fast-check';
import { readAmount, readExact } from './report-format.ts';

it.each([
  ['12', '12', '12'],
  ['12.50', '12.50', undefined],
  [' 1,234.50 ', '1234.50', undefined],
  ['1,234,567.8', '1234567.8', undefined],
  ['1.234,50', undefined, '1234.50'],
  ['1 234,50', undefined, '1234.50'],
  ['1\u00a0234,50', undefined, '1234.50'],
  ['1\u202f234\u202f567', '1234567', '1234567'],
  ["1'234.50", '1234.50', undefined],
  ['1’234,5', undefined, '1234.5'],
  ['1,234', '1234', '1.234'],
  ['1.000', '1.000', '1000'],
  ['-1.000', '-1.000', '-1000'],
  ['1.234.567', undefined, '1234567'],
  ['12,34,567.5', '1234567.5', undefined],
  ['0,750', undefined, '0.750'],
  ['0.125', '0.125', undefined],
  ['1234,567', undefined, '1234.567'],
  ['1 234.567', '1234.567', undefined],
  ['0 750', undefined, undefined],
  ['(12.00)', '-12.00', undefined],
  ['(1.234,50 €)', undefined, '-1234.50'],
  ['12.00-', '-12.00', undefined],
  ['1.488,69-', undefined, '-1488.69'],
  ['\u221212,5', undefined, '-12.5'],
  ['$1,234.50', '1234.50', undefined],
  ['-$5', '-5', '-5'],
  ['($5.10)', '-5.10', undefined],
  ['R$ 1.234,56', undefined, '1234.56'],
  ['100 kr', '100', '100'],
  ['.5', '0.5', undefined],
  [',5', undefined, '0.5'],
  ['1.2E-4', '0.00012', undefined],
  ['1,2E-4', undefined, '0.00012'],
  ['3e2', '300', '300'],
  ['0E-8', '0', '0'],
  ['1.2345678E7', '12345678', undefined],
  ['5.551115123125783E-17', '0.00000000000000005551', undefined],
  ['-0.00', '0.00', undefined],
])('reads %s as %s with a decimal point and as %s with a decimal comma', (text, point, comma) => {
  const { '.': one, ',': other } = readAmount(text);
  expect([one, other]).toEqual([point, comma]);
});

it.each([
  ['USD 7', 'USD'],
  ['12 EUR', 'EUR'],
  ['€ 12', 'EUR'],
  ['-£5', 'GBP'],
  ['$ 12', undefined],
  ['5 Kč', 'CZK'],
  ['zł 5', 'PLN'],
  ['12', undefined],
])('finds in %s the currency %s', (text, currency) => {
  expect(readAmount(text)).toMatchObject({ '.': expect.any(String) });
  const { currencies } = readAmount(text);
  expect(currencies?.length === 1 ? currencies[0] : undefined).toBe(currency);
});

it.each([
  ...[
    '',
    'n/a',
    '1,23,4.5',
    '12.5.1',
    '1..2',
    '--1',
    '(-1)',
    '-1-',
    '$',
    '1,234,5',
    '0x10',
    'Infinity',
    '12 13 EUR x',
  ],
  ...['EUR 12 EUR', '(12', '12)', '1,234 567.8', '1.', "1'2345", '9'.repeat(21), '1E400', '12%', '١٢'],
])('takes "%s" for no amount', (text) => {
  const { '.': one, ',': other } = readAmount(text);
  expect([one, other]).toEqual([undefined, undefined]);
});

it.each([
  ['5 Kč', 'CZK', 'EUR'],
  ['zł 5', 'PLN', 'USD'],
  ['5.00 kr', 'NOK', 'EUR'],
  ['$5', 'CAD', 'EUR'],
  ['A$5', 'AUD', 'USD'],
  ['¥ 500', 'CNY', 'KRW'],
])('finds that %s may be %s and is never %s', (text, may, never) => {
  expect(readAmount(text).currencies).toContain(may);
  expect(readAmount(text).currencies).not.toContain(never);
});

it.each([
  `0.${'0'.repeat(250_000)}1`,
  `1E${'0'.repeat(250_000)}1x`,
  '1 '.repeat(125_000),
  '1e'.repeat(125_000),
])('looks for no number in a book', (text) => {
  expect(readAmount(text)).toEqual({});
});

it('takes a number that a program wrote as it is', () => {
  expect(['1.000', '1.5E3', '-2', '1,5', '(1)'].map(readExact)).toEqual([
    '1.000',
    '1500',
    '-2',
    undefined,
    undefined,
  ]);
});

const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.integer({ min: 0, max: 6 }))
  .map(([negative, digits, scale]) => {
    const text = digits.toString().padStart(scale + 1, '0');
    const value = scale ? `${text.slice(0, -scale)}.${text.slice(-scale)}` : text;
    return negative && digits > 0n ? `-${value}` : value;
  });

/** How people write numbers. */
const convention = fc.record({
  decimal: fc.constantFrom('.' as const, ',' as const),
  group: fc.constantFrom('', 'other', ' ', '\u00a0', '\u202f', "'", '’'),
  indian: fc.boolean(),
  negative: fc.constantFrom('-x', 'x-', '(x)', '- x', '\u2212x'),
  currency: fc.constantFrom('x', '$x', 'x EUR', 'CHF x', '€ x'),
});

function printed(
  value: string,
  {
    decimal: mark,
    group,
    indian,
    negative,
    currency,
  }: typeof convention extends fc.Arbitrary<infer T> ? T : never,
) {
  const [whole = '', fraction] = value.replace('-', '').split('.');
  const separator = group === 'other' ? (mark === '.' ? ',' : '.') : group;
  const grouped = whole.replace(indian ? /(?<=\d)(?=(?:\d\d)*\d{3}$)/g : /\B(?=(\d{3})+$)/g, separator);
  const bare = currency.replace('x', () => grouped + (fraction ? `${mark}${fraction}` : ''));
  return value.startsWith('-') ? negative.replace('x', () => bare) : bare;
}

it('reads what is printed in a convention as the same value in that convention', () => {
  fc.assert(
    fc.property(decimal, convention, (value, how) => {
      const read = readAmount(printed(value, how))[how.decimal];
      expect(read && Decimal.canonical(read)).toBe(Decimal.canonical(value));
    }),
    { numRuns: 2_000 },
  );
});

it('never reads a number that can be read one way only as another in the other way', () => {
  fc.assert(
    fc.property(decimal, convention, (value, how) => {
      const read = readAmount(printed(value, how))[how.decimal === '.' ? ',' : '.'];
      // Only three digits after one separator are ambiguous, or many groups of them without a fraction.
      if (read !== undefined && Decimal.canonical(read) !== Decimal.canonical(value))
        expect(printed(value, how)).toMatch(/^[^.,]*[1-9]\d{0,2}[.,]\d{3}\D*$/);
    }),
    { numRuns: 2_000 },
  );
});

it('adds decimals exactly, in any order', () => {
  expect(Decimal.sum(['0.1', '0.2', '-0.30'])).toBe('0.00');
  expect(Decimal.difference('1.5', '2')).toBe('0.5');
  expect(Decimal.difference('-1', '2.25')).toBe('3.25');
  expect(Decimal.times('0.01', 250)).toBe('2.50');
  fc.assert(
    fc.property(fc.array(decimal), (values) => {
      expect(Decimal.canonical(Decimal.sum(values))).toBe(
        Decimal.canonical(Decimal.sum(values.toReversed())),
      );
      const negated = values.map((value) => (value.startsWith('-') ? value.slice(1) : `-${value}`));
      expect(Decimal.canonical(Decimal.sum([...values, ...negated]))).toBe('0');
    }),
  );
});
