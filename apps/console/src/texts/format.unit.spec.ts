import { formatOf } from './format.ts';

const en = formatOf('en');
const de = formatOf('de');
/** Intl writes blanks that do not break. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

it('money is exactly what the API says, in the order of the language', () => {
  expect(plain(en.money({ amount: '1234567890123456.10', currency: 'USD' }))).toBe(
    'USD 1,234,567,890,123,456.10',
  );
  expect(plain(de.money({ amount: '-44.00', currency: 'EUR' }))).toBe('-44,00 EUR');
  expect(plain(en.money({ amount: '0.1234', currency: 'USD' }))).toBe('USD 0.1234');
  expect(plain(en.money({ amount: '250', currency: 'JPY' }))).toBe('JPY 250');
});

it('what has no value is a dash, never a zero', () => {
  for (const said of [en.money(null), en.day(null), en.moment(undefined), en.ago(null), en.duration(null)])
    expect(said).toBe('–');
});

it('a day is the same day everywhere', () => {
  expect(en.day('2026-12-31')).toBe('31 Dec 2026');
  expect(en.day('2026-12-31T23:30:00Z')).toBe('31 Dec 2026');
  expect(de.day('2026-12-31')).toBe('31.12.2026');
});

it('says how long ago, and how long', () => {
  const now = new Date('2026-11-27T12:00:00Z');
  expect(en.ago('2026-11-27T11:58:00Z', now)).toMatch(/^2 min.* ago$/);
  expect(de.ago('2026-11-29T12:00:00Z', now)).toBe('übermorgen');
  expect(en.ago('2026-11-27T12:00:00Z', now)).toBe('now');
  expect(en.duration(59.6)).toBe('1 min 0 s');
  expect(en.duration(0)).toBe('0 s');
  expect(en.duration(3_725)).toBe('1 h 2 min');
});
