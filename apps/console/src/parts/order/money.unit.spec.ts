import { sumOf } from './money.ts';

it.each([
  [['1.5', '-2'], '-0.5'],
  [['-0.05', '0.05'], '0.00'],
  [['9007199254740993', '0.01'], '9007199254740993.01'],
  [[], '0'],
])('adds %j to %s', (amounts, sum) => {
  expect(sumOf(amounts)).toBe(sum);
});
