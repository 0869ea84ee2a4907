import type { CmpSubscriptionDetail } from '@isthmus/cmp-client';
import { lineChanges, toSubscriptionLines } from './subscription.mirror.ts';

type Product = CmpSubscriptionDetail['products'][number];

const product = (mpn: string, quantity: number, more: Partial<Product> = {}): Product => ({
  mpn,
  vendor: 'Microsoft',
  id: `P-${mpn}`,
  name: mpn,
  quantity,
  unitPrice: { amount: '4.50', currency: 'EUR' as never },
  ...more,
});
const stored = (...products: Product[]) => JSON.stringify(toSubscriptionLines({ products }));

it('are the same whatever order CMP lists them in, also several of one product', () => {
  const products = [
    product('B', 30),
    product('A', 12),
    product('A', 12, { vendorSubscriptionId: 'x' }),
    product('A', 5),
    product('', 1, { id: undefined }),
  ];
  const texts = new Set<string>();
  const permute = (left: Product[], taken: Product[]): void => {
    if (!left.length) texts.add(stored(...taken));
    left.forEach((one, index) => permute(left.toSpliced(index, 1), [...taken, one]));
  };
  permute(products, []);
  expect(texts.size).toBe(1);
});

it.each<[string, string | null, string | null, object[]]>([
  ['nothing', stored(product('A', 1)), stored(product('A', 1)), []],
  [
    'nothing but the order before it was ours',
    JSON.stringify([...(JSON.parse(stored(product('A', 1), product('B', 2))) as object[])].reverse()),
    stored(product('A', 1), product('B', 2)),
    [],
  ],
  [
    'nothing but how an amount is written',
    stored(product('A', 1, { unitPrice: { amount: '4.5', currency: 'EUR' as never } })),
    stored(product('A', 1)),
    [],
  ],
  [
    'seats and price of one of two',
    stored(product('A', 3), product('B', 9)),
    stored(product('B', 9), product('A', 7, { unitPrice: { amount: '5.00', currency: 'EUR' as never } })),
    [
      { field: 'lines[A].quantity', from: 3, to: 7 },
      {
        field: 'lines[A].unitPrice',
        from: { amount: '4.50', currency: 'EUR' },
        to: { amount: '5.00', currency: 'EUR' },
      },
    ],
  ],
  [
    'a price that was not known',
    stored(product('A', 3, { unitPrice: undefined })),
    stored(product('A', 3)),
    [{ field: 'lines[A].unitPrice', from: undefined, to: { amount: '4.50', currency: 'EUR' } }],
  ],
  [
    'another product after an upgrade',
    stored(product('E3', 4)),
    stored(product('E5', 4)),
    [
      { field: 'lines[E3]', from: expect.objectContaining({ mpn: 'E3', quantity: 4 }), to: undefined },
      { field: 'lines[E5]', from: undefined, to: expect.objectContaining({ mpn: 'E5', quantity: 4 }) },
    ],
  ],
  [
    'all of it when it was never read',
    null,
    stored(product('A', 3)),
    [{ field: 'lines[A]', from: undefined, to: expect.objectContaining({ quantity: 3 }) }],
  ],
  [
    'the second of two lines of one product',
    stored(product('A', 3, { vendorSubscriptionId: 'x' }), product('A', 5, { vendorSubscriptionId: 'y' })),
    stored(product('A', 6, { vendorSubscriptionId: 'y' }), product('A', 3, { vendorSubscriptionId: 'x' })),
    [{ field: 'lines[A#2].quantity', from: 5, to: 6 }],
  ],
])('tell of %s', (_, from, to, changes) => {
  expect(lineChanges(from, to)).toEqual(changes);
});

it('name a field in 100 letters at most, however long part numbers are, and each line by a name of its own', () => {
  const long = 'M'.repeat(255);
  const changes = lineChanges(stored(), stored(product(`${long}1`, 1), product(`${long}2`, 2)));
  expect(new Set(changes.map(({ field }) => field)).size).toBe(2);
  const longest = lineChanges(
    stored(product(`${long}1`, 1), product(`${long}2`, 1)),
    stored(product(`${long}1`, 1), product(`${long}2`, 1, { vendorSubscriptionId: 'y' })),
  );
  for (const { field } of [...changes, ...longest]) expect(field.length).toBeLessThanOrEqual(100);
});
