import { isOperation, roleFor, suffices } from './roles.ts';

it.each([
  ['viewer', { viewer: true, finance: false, operator: false, admin: false }],
  ['operator', { viewer: true, finance: true, operator: true, admin: false }],
  ['admin', { viewer: true, finance: true, operator: true, admin: true }],
  ['finance', { viewer: true, finance: true, operator: false, admin: false }],
])('%s may do what its step of the ladder allows', (held, expected) => {
  for (const [needed, allowed] of Object.entries(expected)) expect(suffices([held], needed)).toBe(allowed);
});

it('the best of several roles counts, and none is not enough for anything', () => {
  expect(suffices(['viewer', 'admin'], 'operator')).toBe(true);
  expect(suffices([], 'viewer')).toBe(false);
  expect(suffices(['admin'], 'a role of tomorrow')).toBe(false);
});

it('the role of an operation is what its API document says', () => {
  expect(roleFor('DELETE /v1/connectors/{id}')).toBe('admin');
  expect(roleFor('POST /v1/sync-runs')).toBe('operator');
  expect(isOperation('POST /v1/sync-runs')).toBe(true);
  expect(isOperation('POST /v1/nothing')).toBe(false);
});
