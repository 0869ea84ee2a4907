import { keptFields } from './kept-fields.ts';

const order = {
  id: '77',
  orderNumber: 'CH1',
  status: 'processing',
  customerId: '9',
  total: { amount: '12.50', currency: 'USD', shown: '$12.50' },
  attributes: { note: 'call Jane' },
  products: [
    {
      mpn: 'A',
      quantity: 3,
      name: 'Office',
      parameters: [{ name: 'microsoft_domain', value: 'contoso.com' }],
    },
  ],
};
const known = {
  id: '77',
  orderNumber: 'CH1',
  status: 'processing',
  total: { amount: '12.50', currency: 'USD' },
  products: [{ mpn: 'A', quantity: 3 }],
};

it('keeps the listed fields of a response and of the entries of its lists, and nothing else', () => {
  for (const operation of ['orders.place', 'orders.get', 'orders.update'])
    expect(keptFields(operation, order)).toEqual(known);
  const list = { data: [order, order], pagination: { total: 2, next: '/x' }, extra: 1 };
  expect(keptFields('orders.page', list)).toEqual({ data: [known, known], pagination: { total: 2 } });
  const verdict = {
    data: [{ mpn: 'A', parameters: [{ name: 'x', result: 'error', message: 'Jane', value: 'v' }] }],
  };
  expect(keptFields('parameters.validate', verdict)).toEqual({
    data: [{ mpn: 'A', parameters: [{ name: 'x', result: 'error' }] }],
  });
});

it('keeps nothing of an operation that is not listed, such as the one that returns the token', () => {
  expect(keptFields('token', { token: 'secret', id: '1' })).toBeUndefined();
  expect(keptFields('customers.get', { id: '1', name: 'Contoso' })).toBeUndefined();
  expect(keptFields('constructor', { id: '1' })).toBeUndefined();
});

it.each<[string, unknown, object | undefined]>([
  ['an object where a value is expected', { id: { secret: 1 }, status: 'active' }, { status: 'active' }],
  ['a list where a value is expected', { id: ['a'], status: 'active' }, { status: 'active' }],
  ['a value where an object is expected', { products: 'all', id: '1' }, { id: '1' }],
  ['null', { id: null, status: 'active' }, { status: 'active' }],
  ['no object at all', 'gone', undefined],
  ['an empty body', null, undefined],
  ['nothing that is known', { other: 1 }, undefined],
])('is not misled by %s', (_, body, expected) => {
  expect(keptFields('subscriptions.get', body)).toEqual(expected);
});

it('cuts what is long', () => {
  const products = Array.from({ length: 80 }, () => ({ mpn: 'x'.repeat(900) }));
  const { products: kept } = keptFields('subscriptions.get', { products }) as { products: { mpn: string }[] };
  expect(kept).toHaveLength(50);
  expect(kept[0]!.mpn).toHaveLength(200);
});
