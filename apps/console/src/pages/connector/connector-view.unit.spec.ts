import { controlPanelOf, differencesOf, failedStep, keyLabel } from './connector-view.ts';

describe('differencesOf', () => {
  it('names each field that differs, also within objects, with both values', () => {
    expect(
      differencesOf({
        before: { name: 'US', callLimit: { perMinute: 60, perDay: 5000 }, marketplace: null, password: null },
        after: {
          name: 'US',
          callLimit: { perMinute: 60, perDay: 900 },
          marketplace: 'uk',
          password: 'changed',
        },
      }),
    ).toEqual([
      { field: 'callLimit.perDay', from: '5000', to: '900' },
      { field: 'marketplace', from: undefined, to: 'uk' },
      { field: 'password', from: undefined, to: 'changed' },
    ]);
  });

  it('names an emptied field, and a falsy value as what it is', () => {
    expect(
      differencesOf({
        before: { schedule: { tickMinutes: 5 }, orderGuard: { approvalDays: 7 } },
        after: { schedule: { tickMinutes: 0 }, orderGuard: {} },
      }),
    ).toEqual([
      { field: 'schedule.tickMinutes', from: '5', to: '0' },
      { field: 'orderGuard.approvalDays', from: '7', to: undefined },
    ]);
  });

  it.each([
    [null, { name: 'new' }],
    [{ name: 'gone' }, null],
    [
      { paused: null, status: 'active' },
      { paused: { by: 'ann' }, status: 'paused' },
    ],
  ])('has nothing to say of %j → %j', (before, after) => {
    expect(differencesOf({ before, after })).toEqual([]);
  });
});

it('finds the check at which a verification ended', () => {
  expect(failedStep({ after: { verified: false, failed: [{ step: 'credentials', cause: 'x' }] } })).toBe(
    'credentials',
  );
  expect(failedStep({ after: { verified: true, failed: [] } })).toBeUndefined();
  expect(failedStep({ after: null })).toBeUndefined();
});

it('finds how a key was called, whether it was issued or revoked', () => {
  expect(keyLabel({ before: null, after: { label: 'Work 365' } })).toBe('Work 365');
  expect(keyLabel({ before: { label: 'Old' }, after: null })).toBe('Old');
});

describe('controlPanelOf', () => {
  const connector = {
    apiUrl: 'https://api.example.com/marketplace/na',
    marketplace: 'us',
    accountId: '10/01',
  };

  it('fills in what is known of the connector', () => {
    expect(controlPanelOf(connector, 'https://cp.{marketplace}.{region}.example.com/#{accountId}')).toBe(
      'https://cp.us.na.example.com/#10%2F01',
    );
  });

  it('is nowhere without a template', () => {
    expect(controlPanelOf(connector, null)).toBeUndefined();
  });
});
