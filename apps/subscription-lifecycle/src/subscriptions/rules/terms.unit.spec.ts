import { Period } from '@isthmus/domain';
import fc from 'fast-check';
import { periodAround, periodsAfter } from './terms.ts';

const at = (text: string) => Date.parse(text);
const print = (instant: number) => new Date(instant).toISOString();

describe('terms', () => {
  it.each([
    ['2026-01-31T10:00:00Z', 'P1M', 1, '2026-02-28T10:00:00.000Z'],
    ['2026-01-31T10:00:00Z', 'P1M', 2, '2026-03-31T10:00:00.000Z'],
    ['2028-01-31T23:59:59Z', 'P1M', 1, '2028-02-29T23:59:59.000Z'],
    ['2028-02-29T00:00:00Z', 'P1Y', 1, '2029-02-28T00:00:00.000Z'],
    ['2028-02-29T00:00:00Z', 'P1Y', 4, '2032-02-29T00:00:00.000Z'],
    ['2026-03-15T00:00:00Z', 'P3Y', 1, '2029-03-15T00:00:00.000Z'],
    ['2026-12-20T00:00:00Z', 'P14D', 1, '2027-01-03T00:00:00.000Z'],
  ])('from %s, %s × %i end at %s', (from, period, count, until) => {
    expect(print(periodsAfter(at(from), Period.parse(period), count))).toBe(until);
  });

  it('follow each other without gap or overlap, and one of them holds every moment', () => {
    const anchors = fc.integer({ min: at('2024-01-01'), max: at('2030-01-01') });
    const periods = fc.constantFrom('P1M', 'P1Y', 'P3Y', 'P14D').map((text) => Period.parse(text));
    fc.assert(
      fc.property(anchors, periods, fc.nat(4000), (anchor, period, days) => {
        const now = anchor + days * 86_400_000;
        const { from, until } = periodAround(anchor, period, now);
        expect(from <= now && now < until).toBe(true);
        expect(periodAround(anchor, period, until).from).toBe(until);
      }),
    );
  });
});
