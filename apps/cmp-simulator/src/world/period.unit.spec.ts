import { addMonths, addPeriod } from './period.ts';

const moved = (at: string, months: number) => new Date(addMonths(Date.parse(at), months)).toISOString();

it.each([
  ['2026-03-15T11:00:00.000Z', 1, '2026-04-15T11:00:00.000Z'],
  ['2026-01-31T23:59:59.999Z', 1, '2026-02-28T23:59:59.999Z'],
  ['2028-01-31T00:00:00.000Z', 1, '2028-02-29T00:00:00.000Z'],
  ['2028-02-29T08:00:00.000Z', 12, '2029-02-28T08:00:00.000Z'],
  ['2026-12-31T08:00:00.000Z', 2, '2027-02-28T08:00:00.000Z'],
  ['2026-03-31T08:00:00.000Z', -1, '2026-02-28T08:00:00.000Z'],
  ['2026-01-01T00:00:00.000Z', 36, '2029-01-01T00:00:00.000Z'],
])('%s moved by %d months is %s', (from, months, to) => {
  expect(moved(from, months)).toBe(to);
});

it('agrees with the calendar of the platform on the first of every month for a century', () => {
  const start = Date.UTC(1999, 0, 1, 5);
  for (let months = 0; months < 1200; months++)
    expect(addMonths(start, months)).toBe(Date.UTC(1999, months, 1, 5));
});

it('adds years as twelve months', () => {
  const at = Date.UTC(2026, 4, 20);
  expect(addPeriod(at, { type: 'year', duration: 3 })).toBe(Date.UTC(2029, 4, 20));
  expect(addPeriod(at, { type: 'month', duration: 1 }, 4)).toBe(Date.UTC(2026, 8, 20));
});
