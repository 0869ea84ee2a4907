import {
  changesOf,
  type Contract,
  dayOf,
  defaultFault,
  groupsOf,
  newContract,
  stateOf,
  valuesOf,
} from './contract-values.ts';

const contract: Contract = {
  id: '0199c7b2-6f5e-7a10-8d00-0000000000c1',
  tenantAccountId: 'W365-1',
  tenantAccountName: 'Adatum',
  name: 'Monthly',
  currency: 'USD',
  startDate: '2026-01-01',
  endDate: '2026-12-31',
  isDefault: true,
  accountDefaults: 1,
  createdAt: '2026-01-01T08:00:00.000Z',
  createdBy: 'ann',
  version: 3,
};
const values = valuesOf(contract);

it('a new contract is what was typed, without an end that was left empty', () => {
  expect(newContract({ ...values, name: ' Monthly ' })).toEqual({
    tenantAccountId: 'W365-1',
    name: 'Monthly',
    currency: 'USD',
    startDate: '2026-01-01',
    endDate: '2026-12-31',
    isDefault: true,
  });
  expect(newContract({ ...values, endDate: '' })).not.toHaveProperty('endDate');
});

it('a change names only what is other, and takes an end back', () => {
  expect(changesOf(values, { ...values, name: ' Monthly ' })).toBeUndefined();
  expect(changesOf(values, { ...values, name: 'Yearly ', isDefault: false })).toEqual({
    name: 'Yearly',
    isDefault: false,
  });
  expect(changesOf(values, { ...values, endDate: '' })).toEqual({ endDate: null });
  expect(changesOf(valuesOf({ ...contract, endDate: null }), values)).toEqual({ endDate: '2026-12-31' });
});

it('its last day belongs to it', () => {
  expect(stateOf(contract, '2025-12-31')).toBe('to-begin');
  expect(stateOf(contract, '2026-01-01')).toBe('in-force');
  expect(stateOf(contract, '2026-12-31')).toBe('in-force');
  expect(stateOf(contract, '2027-01-01')).toBe('ended');
  expect(stateOf({ ...contract, endDate: null }, '2099-01-01')).toBe('in-force');
});

it('one default is right; none and several are not', () => {
  expect([0, 1, 2].map((accountDefaults) => defaultFault({ accountDefaults }))).toEqual([
    'none',
    undefined,
    'several',
  ]);
});

it('asks for as many as one call takes', () => {
  expect(groupsOf([], 2)).toEqual([]);
  expect(groupsOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
});

it('today is the day where somebody sits', () => {
  const late = new Date(2026, 10, 27, 23, 30);
  const early = new Date(2026, 10, 28, 0, 30);
  expect([dayOf(late), dayOf(early)]).toEqual(['2026-11-27', '2026-11-28']);
});
