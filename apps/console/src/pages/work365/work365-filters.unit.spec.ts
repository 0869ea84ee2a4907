import { callsOf, deedsOf, writesOf } from './work365-filters.ts';

describe('what is asked for', () => {
  it('is the whole of the days that were chosen', () => {
    const days = { from: '2026-12-30', to: '2026-12-31' };
    const asked = { from: '2026-12-30T00:00:00Z', to: '2027-01-01T00:00:00.000Z' };
    expect(callsOf(days)).toEqual(asked);
    expect(writesOf(days)).toEqual(asked);
  });

  it('has only the filters that are set, each under the name of the API', () => {
    expect(callsOf({})).toEqual({});
    expect(callsOf({ result: 'ok', key: 'k', q: 'c-1', connectorId: 'us', kind: 'change' })).toEqual({
      ...{ failed: false, apiKeyId: 'k', correlationId: 'c-1', connectorId: 'us' },
    });
    expect(callsOf({ result: 'failed' })).toEqual({ failed: true });
    expect(writesOf({ kind: 'purchase', status: 'refused', result: 'ok', q: 'x' })).toEqual({
      ...{ kind: 'purchase', status: 'refused' },
    });
  });
});

it.each([
  [
    'purchase',
    { partNumber: 'INGRAM:A:B', quantity: 5, autoRenew: false },
    [{ name: 'buy', quantity: 5, partNumber: 'INGRAM:A:B' }],
  ],
  ['change', { quantity: 0 }, [{ name: 'seats', quantity: 0 }]],
  ['change', { cancel: true }, [{ name: 'cancel' }]],
  ['change', { autoRenew: false }, [{ name: 'renewOff' }]],
  ['change', { quantity: 9, autoRenew: true }, [{ name: 'seats', quantity: 9 }, { name: 'renewOn' }]],
  ['change', {}, [{ name: 'nothing' }]],
] as const)('a %s of %j is %j', (kind, requested, deeds) => {
  expect(deedsOf({ kind, requested })).toEqual(deeds);
});
