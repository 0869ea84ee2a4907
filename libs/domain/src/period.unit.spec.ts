import { Period } from './period.ts';

describe('Period', () => {
  it.each(['P1M', 'P12M', 'P1Y', 'P3Y', 'P14D'])('prints %s as it was parsed', (text) => {
    expect(Period.print(Period.parse(text))).toBe(text);
  });

  it('forgives case and blanks', () => {
    expect(Period.parse(' p3y ')).toEqual({ type: 'year', duration: 3 });
  });

  it.each(['', 'P0M', 'P1', '1M', 'P1W', 'P1Y2M', 'PT1M'])('refuses %j', (text) => {
    expect(() => Period.parse(text)).toThrow('is not a period');
  });

  it('takes twelve months for a year but thirty days for no month', () => {
    expect(Period.equals(Period.parse('P12M'), Period.parse('P1Y'))).toBe(true);
    expect(Period.equals(Period.parse('P30D'), Period.parse('P1M'))).toBe(false);
  });

  it('is none where the length is nothing, a fraction or beyond what can be written, or the kind has no unit', () => {
    expect(Period.of('month', 12)).toEqual({ type: 'month', duration: 12 });
    for (const duration of [0, -1, 1.5, 10_000, NaN, Infinity])
      expect(Period.of('month', duration)).toBeUndefined();
    for (const type of ['statement_day', 'unknown', '', 'toString'])
      expect(Period.of(type, 1)).toBeUndefined();
  });
});

it.each([
  [{ type: 'month', duration: 12 }, 'P12M'],
  [{ type: 'statement_day', duration: 1 }, null],
  [{ type: 'year', duration: 0 }, null],
  [{ type: 'month', duration: 1.5 }, null],
  [undefined, null],
])('%j is %p in ISO 8601', (told, iso) => {
  expect(Period.iso(told)).toBe(iso);
});
