import fc from 'fast-check';
import { AskLimit, fittingPage } from './requests.ts';

const taken = (limit: AskLimit, tenant: string, times: number, now: number) =>
  Array.from({ length: times }, () => limit.take(tenant, now)).filter(Boolean).length;

it('lets a tenant ask so many at once, then so many a second, and another tenant regardless', () => {
  const limit = new AskLimit(5, 2);
  expect(taken(limit, 'a', 100, 0)).toBe(5);
  expect(taken(limit, 'b', 100, 0)).toBe(5);
  expect(taken(limit, 'a', 100, 499)).toBe(0);
  expect(taken(limit, 'a', 100, 1_500)).toBe(3);
  expect(taken(limit, 'a', 100, 3_600_000)).toBe(5);
});

it('remembers so many tenants, those that asked last', () => {
  const limit = new AskLimit(1, 0, 2);
  expect(['a', 'b', 'a', 'c', 'a', 'b'].map((tenant) => limit.take(tenant, 0))).toEqual([
    true,
    true,
    false,
    true,
    false,
    true,
  ]);
});

it('is the longest beginning that fits, and never empty while there is something', () => {
  const bytes = (items: string[]) =>
    items.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)) + 1, 0);
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' })),
      fc.integer({ min: 0, max: 200 }),
      (items, limit) => {
        const page = fittingPage(items, limit);
        expect(items.slice(0, page.length)).toEqual(page);
        expect(page.length).toBeGreaterThanOrEqual(Math.min(1, items.length));
        if (page.length > 1) expect(bytes(page)).toBeLessThanOrEqual(limit);
        if (page.length < items.length) expect(bytes(items.slice(0, page.length + 1))).toBeGreaterThan(limit);
      },
    ),
  );
});
