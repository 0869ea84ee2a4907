import { changedFields } from '../../parts/form/differences.ts';
import { bodyOf, emptyConnector, toChange, type ConnectorValues } from './connector-values.ts';
import { countryOptions, currencyOf, currencyOptions } from './countries.ts';

const filled: ConnectorValues = {
  ...emptyConnector,
  name: 'IngramMicro UK',
  username: 'uk.api',
  password: ' starts with a blank',
  apiUrl: 'https://api.example/marketplace/uk',
  accountId: '0012',
  subscriptionKey: 'k',
  country: 'GB',
  currency: 'GBP',
};
const { schedule: _, callLimit: __, ...eight } = filled;

it('a new connector sends the eight settings as typed; what was left empty is left to the platform', () => {
  expect(bodyOf(filled)).toEqual(eight);
  expect(
    bodyOf({
      ...filled,
      schedule: { tickMinutes: '5', sweepMinutes: '', accountsMinutes: ' ' },
      callLimit: { perMinute: '', perDay: '5000' },
    }),
  ).toEqual({ ...eight, schedule: { tickMinutes: 5 }, callLimit: { perDay: 5000 } });
});

it('a change sends what was changed: a secret that nobody typed stays, a limit that was emptied is none', () => {
  const before: ConnectorValues = {
    ...filled,
    password: '',
    subscriptionKey: '',
    callLimit: { perMinute: '60', perDay: '' },
  };
  const change = (some: Partial<ConnectorValues>): object =>
    toChange(changedFields<Record<string, unknown>>({ ...before }, { ...before, ...some }));
  expect(change({})).toEqual({});
  expect(change({ password: 'new' })).toEqual({ password: 'new' });
  expect(change({ callLimit: { perMinute: '', perDay: '' } })).toEqual({
    callLimit: { perMinute: null, perDay: null },
  });
  expect(change({ callLimit: { perMinute: '120', perDay: '' } })).toEqual({
    callLimit: { perMinute: 120, perDay: null },
  });
});

it('a country proposes its currency; where that is open, none', () => {
  expect(currencyOf('DE')).toBe('EUR');
  expect(currencyOf('GB')).toBe('GBP');
  expect(currencyOf('AQ')).toBeUndefined();
});

it('countries and currencies are named in the language, in its order', () => {
  const german = countryOptions('de');
  expect(german.find(({ value }) => value === 'DE')?.label).toBe('Deutschland (DE)');
  expect(german.map(({ label }) => label).indexOf('Österreich (AT)')).toBeLessThan(
    german.map(({ label }) => label).indexOf('Pakistan (PK)'),
  );
  expect(new Set(german.map(({ value }) => value)).size).toBe(249);
  expect(currencyOptions('en').find(({ value }) => value === 'USD')?.label).toBe('US Dollar (USD)');
});
