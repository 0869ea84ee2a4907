import fc from 'fast-check';
import { fittingPage } from './fitting-page.ts';

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
