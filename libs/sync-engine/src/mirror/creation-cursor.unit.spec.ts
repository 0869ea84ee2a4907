import { cursorAfter, latestOf, readingFrom } from './creation-cursor.ts';

const hour = 3_600_000;
const noon = Date.parse('2026-03-01T12:00:00Z');

it('reads an hour behind the cursor again, and the first time as far back as is wanted', () => {
  expect(readingFrom(new Date(noon), noon + 99 * hour, 5 * hour)).toEqual(new Date(noon - hour));
  expect(readingFrom(null, noon, 5 * hour)).toEqual(new Date(noon - 5 * hour));
});

it('moves the cursor to the newest record, and leaves it when rows may have been missed', () => {
  const newest = '2026-03-01T12:00:00Z';
  expect(cursorAfter({ newest, gaps: [] })).toBe(newest);
  expect(cursorAfter({ newest, gaps: ['7 rows came although the total was 9'] })).toBeUndefined();
  expect(cursorAfter({ newest: undefined, gaps: [] })).toBeUndefined();
});

it('knows the latest of several times, and that there is none among none', () => {
  expect(latestOf('2026-03-01T12:00:00Z', ['2026-02-28T23:00:00Z', '2026-03-02T00:00:00Z'])).toBe(
    '2026-03-02T00:00:00Z',
  );
  expect(latestOf(undefined, [])).toBeUndefined();
});
