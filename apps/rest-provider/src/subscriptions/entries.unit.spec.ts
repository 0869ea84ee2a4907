import type { AgreedSubscriptionV1, SubscriptionLineV1 } from '@isthmus/contracts';
import fc from 'fast-check';
import { entriesOf, productsOf, type Reported } from './entries.ts';

const subscriptionId = '7f1d0c9e-3c43-4f0e-9c55-0d9a4e1a7b10';
const line = (productId: string, quantity = 1): SubscriptionLineV1 => ({
  productId,
  vendor: 'MICROSOFT',
  mpn: `MPN-${productId}`,
  name: `Product ${productId}`,
  quantity,
});
const agreed = (...lines: SubscriptionLineV1[]): AgreedSubscriptionV1 => ({
  subscriptionId,
  connectorId: subscriptionId,
  cmpSubscriptionId: '1',
  cmpAccountId: '1',
  name: 'Cyber Protect',
  status: 'active',
  autoRenew: true,
  lines,
  asOf: '2026-11-01T00:00:00Z',
});
/** What is stored after a reading. */
const stored = (reported: readonly Reported[], subscription: AgreedSubscriptionV1): Reported[] => {
  const { added, replaced } = entriesOf(subscription, reported);
  const now = new Map([...reported, ...replaced, ...added].map((one) => [one.entryId, one]));
  return [...now.values()];
};
const idOf = (reported: readonly Reported[], subscription: AgreedSubscriptionV1, productId: string) =>
  entriesOf(subscription, reported).entries.find(({ line: { mpn } }) => mpn === `MPN-${productId}`)?.entryId;

it('gives the first line the id of the subscription, and every other one its own, of 36 characters', () => {
  const { entries, added } = entriesOf(agreed(line('A', 30), line('B', 12)), []);
  expect(entries.map(({ line: { quantity }, gone }) => [quantity, gone])).toEqual([
    [30, false],
    [12, false],
  ]);
  expect(entries[0]!.entryId).toBe(subscriptionId);
  expect(entries[1]!.entryId).toMatch(/^[0-9a-f-]{36}$/);
  expect(added).toHaveLength(2);
});

it('keeps the ids when lines come in another order, go, and come back', () => {
  const first = agreed(line('A'), line('B'));
  const known = stored([], first);
  const b = idOf(known, first, 'B');
  expect(idOf(known, agreed(line('B'), line('A')), 'A')).toBe(subscriptionId);
  const without = entriesOf(agreed(line('B')), known).entries;
  expect(without.map(({ entryId, gone, line: { quantity } }) => [entryId, gone, quantity])).toEqual([
    [subscriptionId, true, 0],
    [b, false, 1],
  ]);
  expect(idOf(stored(known, agreed(line('B'))), first, 'A')).toBe(subscriptionId);
});

it('lets the id stay with what replaced its product', () => {
  const known = stored([], agreed(line('A')));
  expect(idOf(known, agreed(line('C')), 'C')).toBe(subscriptionId);
  const after = stored(known, agreed(line('C')));
  expect(after).toMatchObject([{ entryId: subscriptionId, product: 'C' }]);
  const two = stored([], agreed(line('A'), line('B')));
  expect(idOf(two, agreed(line('B'), line('C')), 'C')).toBe(subscriptionId);
  expect(entriesOf(agreed(line('C'), line('D')), two).entries[0]).toMatchObject({
    entryId: subscriptionId,
    line: { productId: 'C' },
  });
});

it('tells lines of one product apart', () => {
  const twice = agreed(line('A', 3), line('A', 4));
  expect(productsOf(twice.lines)).toEqual(['A', 'A#2']);
  expect(new Set(entriesOf(twice, []).entries.map(({ entryId }) => entryId)).size).toBe(2);
});

it('never gives one id to two lines, loses none, and changes none, whatever was read before', () => {
  const reading = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D', 'E'), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(reading, { minLength: 1, maxLength: 8 }), (readings) => {
      let known: Reported[] = [];
      for (const products of readings) {
        const subscription = agreed(...products.map((product) => line(product)));
        const { entries } = entriesOf(subscription, known);
        const ids = entries.map(({ entryId }) => entryId);
        expect(new Set(ids).size).toBe(ids.length);
        const live = entries.filter(({ gone }) => !gone).map((entry) => entry.line.productId);
        expect(live.toSorted()).toEqual(products.toSorted());
        expect(ids).toEqual(expect.arrayContaining(known.map(({ entryId }) => entryId)));
        for (const { product, entryId } of known)
          if ((products as string[]).includes(product))
            expect(idOf(known, subscription, product)).toBe(entryId);
        known = stored(known, subscription);
        const again = entriesOf(subscription, known);
        expect([again.added, again.replaced]).toEqual([[], []]);
        expect(again.entries.map(({ entryId }) => entryId).toSorted()).toEqual(ids.toSorted());
      }
    }),
  );
});

it('keeps every id when CMP learns or changes the ids of its products, in whichever order', () => {
  const unnamed = (productId: string) => ({ ...line(productId), productId: '' });
  const known = stored([], agreed(unnamed('A'), unnamed('B'), unnamed('C')));
  const ids = known.map(({ entryId }) => entryId);
  const now = agreed(line('C'), line('B'), line('A'));
  expect(['A', 'B', 'C'].map((one) => idOf(known, now, one))).toEqual(ids);
  const renamed = agreed({ ...line('B'), productId: 'X' }, { ...line('C'), productId: 'Y' }, line('D'));
  const after = entriesOf(renamed, stored(known, now));
  const byMpn = new Map(after.entries.map(({ line: { mpn }, entryId }) => [mpn, entryId]));
  // D took the place of A, which alone is missing.
  expect(['D', 'B', 'C'].map((one) => byMpn.get(`MPN-${one}`))).toEqual(ids);
  expect([after.added, after.replaced.length]).toEqual([[], 3]);
});
