import fc from 'fast-check';
import {
  eventContracts,
  eventSubject,
  eventSubjects,
  InvalidSubject,
  readEventSubject,
  tenantOfToken,
  tenantToken,
} from './index.ts';

const type = 'account-sync.sync-run-started.v1';
const uuid = '0197a1f0-0000-7000-8000-00000000000a';

it('puts the tenant between service and event', () => {
  expect(eventSubject(type, uuid)).toBe(`account-sync.${uuid}.sync-run-started.v1`);
  expect(eventSubjects({ eventType: type })).toBe('account-sync.*.sync-run-started.v1');
});

it('leaves a UUID as it is, in lower case', () => {
  expect(tenantToken(uuid)).toBe(uuid);
  expect(tenantToken(uuid.toUpperCase())).toBe(uuid);
});

it.each([
  ['a.b', 'a=2Eb'],
  ['*', '=2A'],
  ['>', '=3E'],
  ['a b\tc', 'a=20b=09c'],
  ['$JS', '=24JS'],
  ['a=2Eb', 'a=3D2Eb'],
  ['müller', 'm=C3=BCller'],
  ['Acme_1-x', 'Acme_1-x'],
])('writes tenant %p as %p', (tenantId, token) => {
  expect(tenantToken(tenantId)).toBe(token);
  expect(tenantOfToken(token)).toBe(tenantId);
});

const text = fc.string({ unit: 'binary', minLength: 1 });

it('makes of any tenant one token that means nothing else to NATS, and gives the tenant back', () => {
  fc.assert(
    fc.property(text, (tenantId) => {
      const token = tenantToken(tenantId);
      expect(token).toMatch(/^[A-Za-z0-9_=-]+$/);
      expect(tenantOfToken(token)).toBe(tenantId);
    }),
  );
});

it('reads type and tenant from the subject of every event', () => {
  for (const { eventType } of eventContracts())
    fc.assert(
      fc.property(text, (tenantId) => {
        expect(readEventSubject(eventSubject(eventType, tenantId))).toEqual({ eventType, tenantId });
      }),
      { numRuns: 5 },
    );
});

it.each(['', '\ud800'])('has no token for %p', (tenantId) => {
  expect(() => tenantToken(tenantId)).toThrow(InvalidSubject);
});

it.each([
  type,
  'account-sync..sync-run-started.v1',
  'account-sync.*.sync-run-started.v1',
  'account-sync.a.b.sync-run-started.v1',
  `account-sync.${uuid.toUpperCase()}.sync-run-started.v1`,
  'account-sync.=2a.sync-run-started.v1',
  'account-sync.=41.sync-run-started.v1',
  'account-sync.=FF.sync-run-started.v1',
  'rpc.account-sync.read-invoice',
])('takes %p for no subject of an event', (subject) => {
  expect(() => readEventSubject(subject)).toThrow(InvalidSubject);
});
