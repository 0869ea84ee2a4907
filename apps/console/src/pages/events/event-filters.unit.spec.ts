import { isBeforeKept, queryOf, shortType, subscribes } from './event-filters.ts';

it('asks for whole days as whoever looks sees them, the last one included', () => {
  const query = queryOf({
    type: 'a.b.v1',
    subject: 's',
    correlation: 'c',
    from: '2026-11-26',
    to: '2026-11-27',
  });
  expect(query).toEqual({
    type: ['a.b.v1'],
    subject: 's',
    correlationId: 'c',
    since: new Date(2026, 10, 26).toISOString(),
    until: new Date(2026, 10, 28).toISOString(),
  });
  expect(queryOf({})).toEqual({});
});

it.each([
  ['2026-10-27', true],
  ['2026-10-28', false],
  [undefined, false],
])('knows that events until %s are gone: %s', (to, isGone) => {
  expect(isBeforeKept(to, new Date(2026, 10, 27, 12))).toBe(isGone);
});

it.each([
  ['account-sync.invoice-imported.v1', 'invoice-imported'],
  ['odd', 'odd'],
])('calls %s %s', (type, short) => {
  expect(shortType(type)).toBe(short);
});

it.each([
  [['*'], true],
  [['account-sync.*'], true],
  [['account-sync.invoice-imported.v1'], true],
  [['account-sync.invoice-imported.v2', 'webhooks.*', 'account.*'], false],
  [[], false],
])('%j gets an imported invoice: %s', (eventTypes, gets) => {
  expect(subscribes(eventTypes, 'account-sync.invoice-imported.v1')).toBe(gets);
});
