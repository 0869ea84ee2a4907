import { changesIn, differencesIn, eventName, valueText } from './changes.ts';

it('calls an event by what happened, whatever its service and version', () => {
  expect(eventName('account-sync.provider-account-linked.v1')).toBe('provider-account-linked');
  expect(eventName('webhooks.endpoint-disabled.v12')).toBe('endpoint-disabled');
  expect(eventName('something else')).toBe('something else');
});

it('reads the changes of an event, and nothing from one without', () => {
  expect(changesIn({ changes: [{ field: 'email', from: 'a@b.example', to: null }] })).toEqual([
    { field: 'email', from: 'a@b.example', to: null },
  ]);
  expect(changesIn({ changes: [{ from: 1 }, 'x'] })).toEqual([]);
  expect(changesIn({})).toEqual([]);
  expect(changesIn({ changes: 'email' })).toEqual([]);
});

it('finds what an entry of the audit log changed', () => {
  expect(differencesIn({ name: 'A', isDefault: true }, { name: 'B', isDefault: true })).toEqual([
    { field: 'name', from: 'A', to: 'B' },
  ]);
  expect(differencesIn(null, { name: 'A', endDate: null })).toEqual([
    { field: 'name', from: undefined, to: 'A' },
  ]);
  expect(differencesIn({ link: 'x' }, null)).toEqual([{ field: 'link', from: 'x', to: undefined }]);
  expect(differencesIn({ domains: ['a', 'b'] }, { domains: ['a', 'b'] })).toEqual([]);
  expect(differencesIn(null, null)).toEqual([]);
});

it('writes values as people read them', () => {
  expect([null, undefined, false, 3, ['a', 1], { a: 1 }].map(valueText)).toEqual([
    '',
    '',
    'false',
    '3',
    'a, 1',
    '{"a":1}',
  ]);
});
