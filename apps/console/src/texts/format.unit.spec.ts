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

it('counts calendar days, and hours only within a day', () => {
  const now = new Date(2026, 10, 28, 15, 2);
  const at = (day: number, hour: number, minute = 0): string =>
    plain(en.ago(new Date(2026, 10, day, hour, minute), now));
  expect(at(30, 0)).toBe('in 2 days');
  expect(at(29, 16)).toBe('tomorrow');
  expect(at(29, 1)).toMatch(/^in 9 h/);
  expect(at(27, 14)).toBe('yesterday');
  expect(at(27, 23)).toMatch(/^16 h.* ago$/);
  // A window of seven days that was opened a moment ago.
  expect(plain(en.ago(new Date(now.getTime() + 7 * 86_400_000 - 500), now))).toBe('in 7 days');
});

it('a day without a time is that day wherever somebody looks', () => {
  const now = new Date(2026, 10, 28, 23, 30);
  expect(['2026-11-28', '2026-11-29', '2026-11-30'].map((day) => plain(en.ago(day, now)))).toEqual([
    'today',
    'tomorrow',
    'in 2 days',
  ]);
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
