import { readProduct } from './products.ts';

const row = {
  vendor: 'MICROSOFT',
  mpn: 'CFQ7TTC0LH16:0001',
  billingPeriod: { type: 'month', duration: 1 },
  subscriptionPeriod: { type: 'year', duration: 1 },
};

it('is told apart by its id, and by vendor, mpn and periods where CMP shows none', () => {
  expect(readProduct({ ...row, id: 'PRD326576' })).toMatchObject({ id: 'PRD326576', productId: 'PRD326576' });
  const bare = readProduct(row);
  expect(bare.productId).toBeUndefined();
  expect(bare.id).toBe('MICROSOFT/CFQ7TTC0LH16:0001/month:1/year:1');
  const other = readProduct({ ...row, subscriptionPeriod: { type: 'year', duration: 3 } });
  expect(other.id).not.toBe(bare.id);
  expect(readProduct({ vendor: 'V', mpn: 'M' }).id).toBe('V/M/-/-');
});

it('tells whether its term may end with that of another', () => {
  const coterming = { required: 'ALLOWED', type: 'SUBSCRIPTION' };
  expect(readProduct({ ...row, coterming }).coterming).toEqual(coterming);
});
