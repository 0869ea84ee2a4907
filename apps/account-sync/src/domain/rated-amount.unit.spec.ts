import fc from 'fast-check';
import { canonical, distance, sumOf, times } from './decimal-sum.ts';
import { parseAmount } from './rated-amount.ts';

it.each([
  ['12', '12'],
  ['12.50', '12.50'],
  [' 1,234.50 ', '1234.50'],
  ['1,234,567.8', '1234567.8'],
  ['1.234,50', '1234.50'],
  ['1 234,50', '1234.50'],
  ["1'234.50", '1234.50'],
  ['1,234', '1234'],
  ['12,5', '12.5'],
  ['1.234.567', '1234567'],
  ['(12.00)', '-12.00'],
  ['12.00-', '-12.00'],
  ['-12.00', '-12.00'],
  ['$1,234.50', '1234.50'],
  ['-$5', '-5'],
  ['($5.10)', '-5.10'],
  ['USD 7', '7'],
  ['12 EUR', '12'],
  ['.5', '0.5'],
  ['1.2E-4', '0.00012'],
  ['3e2', '300'],
  ['-0.00', '0.00'],
])('reads %s as %s', (text, value) => {
  expect(parseAmount(text)).toBe(value);
});

it.each(['', 'n/a', '1,23,4.5', '12.5.1', '1..2', '--1', '$', '1,234,5', '0x10', 'Infinity', '12 13 EUR x'])(
  'takes "%s" for no amount',
  (text) => {
    expect(parseAmount(text)).toBeUndefined();
  },
);

const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.integer({ min: 0, max: 6 }))
  .map(([negative, digits, scale]) => {
    const text = digits.toString().padStart(scale + 1, '0');
    const value = scale ? `${text.slice(0, -scale)}.${text.slice(-scale)}` : text;
    return negative && digits > 0n ? `-${value}` : value;
  });

it('reads what it is printed as, with separators or without, as the same value', () => {
  fc.assert(
    fc.property(decimal, (value) => {
      const [whole = '', fraction] = value.split('.');
      const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction ? `.${fraction}` : '');
      expect(canonical(parseAmount(value)!)).toBe(canonical(value));
      expect(canonical(parseAmount(grouped)!)).toBe(canonical(value));
    }),
  );
});

it('adds decimals exactly, in any order', () => {
  expect(sumOf(['0.1', '0.2', '-0.30'])).toBe('0.00');
  expect(distance('1.5', '2')).toBe('0.5');
  expect(distance('-1', '2.25')).toBe('3.25');
  expect(times('0.01', 250)).toBe('2.50');
  fc.assert(
    fc.property(fc.array(decimal), (values) => {
      expect(canonical(sumOf(values))).toBe(canonical(sumOf(values.toReversed())));
      const negated = values.map((value) => (value.startsWith('-') ? value.slice(1) : `-${value}`));
      expect(canonical(sumOf([...values, ...negated]))).toBe('0');
    }),
  );
});
