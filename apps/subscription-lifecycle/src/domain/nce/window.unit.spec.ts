import fc from 'fast-check';
import { windowCloses, windowOpen } from './window.ts';

const at = (text: string) => Date.parse(text);
const minute = 60_000;

describe('the window of 168 hours', () => {
  it.each([
    ['an ordinary week', '2026-09-15T11:00:20Z', '2026-09-22T11:00:00Z'],
    ['the night clocks go forward in Europe', '2026-03-25T01:30:00Z', '2026-04-01T01:30:00Z'],
    ['the night clocks go back in America', '2026-10-28T06:30:59Z', '2026-11-04T06:30:00Z'],
    ['the end of February in a leap year', '2028-02-25T23:59:00Z', '2028-03-03T23:59:00Z'],
    ['the end of February otherwise', '2027-02-25T23:59:00Z', '2027-03-04T23:59:00Z'],
    ['new year', '2026-12-29T00:00:00Z', '2027-01-05T00:00:00Z'],
  ])('over %s: opened %s, closes %s', (_, opened, closes) => {
    expect(new Date(windowCloses(at(opened)))).toEqual(new Date(closes));
    expect(windowOpen(at(opened), at(closes) - 1)).toBe(true);
    expect(windowOpen(at(opened), at(closes))).toBe(false);
  });

  it('is open for 168 hours less at most the begun minute, whenever it opens', () => {
    fc.assert(
      fc.property(fc.integer({ min: at('2020-01-01'), max: at('2040-01-01') }), (opened) => {
        const length = windowCloses(opened) - opened;
        expect(length).toBeLessThanOrEqual(168 * 60 * minute);
        expect(length).toBeGreaterThan(168 * 60 * minute - minute);
        expect(windowCloses(opened) % minute).toBe(0);
      }),
    );
  });
});
