import { changedFields, differences } from './differences.ts';

const labels = { name: 'Name', country: 'Country', 'limits.perDay': 'Calls' };

it('shows the fields that differ, in the order of the form', () => {
  expect(
    differences(labels, { country: 'US', name: 'Ingram US' }, { country: 'CA', name: 'Ingram US' }),
  ).toEqual([{ name: 'country', label: 'Country', theirs: 'US', mine: 'CA' }]);
  expect(differences(labels, { name: 'a', country: 'US' }, { name: 'b', country: 'CA' })).toHaveLength(2);
});

it('a secret that nobody typed differs from nothing; an emptied field does', () => {
  expect(differences({ password: 'Password' }, {}, { password: '' })).toEqual([]);
  expect(differences({ name: 'Name' }, { name: 'Ingram' }, { name: '' })).toEqual([
    { name: 'name', label: 'Name', theirs: 'Ingram', mine: '' },
  ]);
});

it('a change sends only what was changed, nested settings as a whole', () => {
  const before = { name: 'a', password: '', schedule: { tick: '5', sweep: '60' }, limit: null };
  expect(changedFields<Record<string, unknown>>(before, { ...before })).toEqual({});
  expect(
    changedFields<Record<string, unknown>>(before, {
      ...before,
      name: 'b',
      schedule: { tick: '5', sweep: '30' },
    }),
  ).toEqual({ name: 'b', schedule: { tick: '5', sweep: '30' } });
});
