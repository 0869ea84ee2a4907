import { mirrorId } from './mirror.ts';

const owner = {
  tenantId: '11111111-1111-4111-8111-111111111111',
  connectorId: '22222222-2222-4222-8222-222222222222',
};
const another = { ...owner, connectorId: '33333333-3333-4333-8333-333333333333' };

it('is a UUID of version 8, the same for the same record', () => {
  for (const cmpId of ['1', '999999999999999', 'SUB-7', '007', '12345678901234567890']) {
    const id = mirrorId(owner, 'provider-subscription', cmpId);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(mirrorId({ ...owner }, 'provider-subscription', cmpId)).toBe(id);
  }
});

it('differs by tenant, connector, kind and every spelling of the CMP id', () => {
  const ids = ['7', '07', '007', '7 ', '70', 'x7', '9007199254740993'].flatMap((cmpId) => [
    mirrorId(owner, 'provider-account', cmpId),
    mirrorId(owner, 'provider-subscription', cmpId),
    mirrorId(another, 'provider-account', cmpId),
    mirrorId({ ...owner, tenantId: another.connectorId }, 'provider-account', cmpId),
  ]);
  expect(new Set(ids).size).toBe(ids.length);
});

it('keeps the order of the numbers, so that the rows of a page are neighbours', () => {
  const ids = ['9', '10', '4095', '4096', '5000123', '999999999999999'].map((cmpId) =>
    mirrorId(owner, 'provider-account', cmpId),
  );
  expect([...ids].sort()).toEqual(ids);
});
