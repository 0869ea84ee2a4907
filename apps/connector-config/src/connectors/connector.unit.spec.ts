import {
  canonicalApiUrl,
  type ConnectorAction,
  connectorLifecycle,
  type ConnectorSettings,
  connectorStatuses,
  defaultCallLimit,
  defaultSchedule,
} from './connector.ts';
import { Connector, requireSecretsAgain } from './connector.entity.ts';
import { IllegalConnectorAction, MarketplaceUnknown } from './connector.errors.ts';

const now = new Date('2026-01-01T00:00:00Z');
const settings: ConnectorSettings = {
  name: 'IngramMicro US',
  username: 'isthmus.api',
  apiUrl: 'https://api.cloud.im/marketplace/na',
  accountId: '1000001',
  country: 'US',
  currency: 'USD',
  marketplace: null,
  schedule: defaultSchedule,
  callLimit: defaultCallLimit,
  fieldNames: 'camelCase',
  termOfFrequency: {},
  orderGuard: {},
};
const create = (more: Partial<ConnectorSettings> = {}) =>
  Connector.create('t', { ...settings, ...more }, now);
const why = { by: 'operator-1', automatic: false, cause: 'person', detail: 'd', nextStep: 'n' };

const verified = { ok: true, steps: [], checkedAt: now.toISOString() };

describe('a connector', () => {
  const actions: Record<ConnectorAction, (connector: Connector) => unknown> = {
    pause: (connector) => connector.pause(why, now),
    resume: (connector) => connector.resume(now),
    remove: (connector) => connector.remove(now),
    restore: (connector) => connector.restore({}, verified, now),
  };
  const pairs = connectorStatuses.flatMap((status) =>
    (Object.keys(actions) as ConnectorAction[]).map((action) => [status, action] as const),
  );

  it.each(pairs)('that is %s takes "%s" as its lifecycle says', (status, action) => {
    const connector = Object.assign(create(), { status });
    const next = connectorLifecycle[status][action];
    if (next) {
      actions[action](connector);
      expect(connector.status).toBe(next);
    } else {
      expect(() => actions[action](connector)).toThrow(IllegalConnectorAction);
    }
  });

  it('reaches every status from the first', () => {
    const reached = new Set<string>(['active']);
    for (const status of reached) {
      for (const next of Object.values(connectorLifecycle[status as keyof typeof connectorLifecycle]))
        reached.add(next);
    }
    expect([...reached].sort()).toEqual([...connectorStatuses].sort());
  });

  it('keeps the first reason of a pause and forgets it when resumed', () => {
    const connector = create();
    expect(connector.pause(why, now)).toBe(true);
    expect(connector.pause({ ...why, cause: 'password', automatic: true }, now)).toBe(false);
    expect(connector.paused).toEqual({ ...why, since: now.toISOString() });
    expect(connector.resume(now)).toBe(true);
    expect(connector.paused).toBeNull();
  });

  it('frees its name when removed', () => {
    const connector = create();
    connector.remove(now);
    expect(connector.nameKey).toBeNull();
  });

  it('is the same one when it is restored, with the settings it had and those given now', () => {
    const connector = create({ country: 'GB', termOfFrequency: { annual: 'P1Y' } });
    const { id, connectionVersion } = connector;
    connector.attest('ann', now);
    connector.pause(why, now);
    connector.remove(now);
    expect(connector).toMatchObject({ removedAt: now, verification: null, paused: null });
    const later = new Date('2026-03-03T00:00:00Z');
    connector.restore({ name: 'Again', fieldNames: 'PascalCase' }, verified, later);
    expect(connector).toMatchObject({
      id,
      status: 'active',
      name: 'Again',
      nameKey: 'again',
      country: 'GB',
      marketplace: 'uk',
      fieldNames: 'PascalCase',
      termOfFrequency: { annual: 'P1Y' },
      partnerAttestation: { by: 'ann' },
      verification: verified,
      removedAt: null,
      restoredAt: later,
      connectionVersion: connectionVersion + 1,
    });
  });
});

describe('settings', () => {
  it('take the marketplace from the country until somebody chooses one, and again after that', () => {
    const connector = create({ country: 'GB' });
    expect(connector.marketplace).toBe('uk');
    connector.change({ country: 'US' }, now);
    expect(connector.marketplace).toBe('us');
    connector.change({ marketplace: 'stg' }, now);
    connector.change({ country: 'GB' }, now);
    expect([connector.marketplace, connector.marketplaceChosen]).toEqual(['stg', true]);
    connector.change({ marketplace: null }, now);
    expect([connector.marketplace, connector.marketplaceChosen]).toEqual(['uk', false]);
  });

  it('need a marketplace where CMP has none in the country', () => {
    expect(() => create({ country: 'JP' })).toThrow(MarketplaceUnknown);
    expect(create({ country: 'JP', marketplace: 'sg' }).marketplace).toBe('sg');
  });

  it('that are the same as before change nothing', () => {
    const connector = create();
    const later = new Date('2026-02-02T00:00:00Z');
    expect(connector.change({ ...settings, schedule: { ...defaultSchedule } }, later)).toBe(false);
    expect(connector.updatedAt).toEqual(now);
  });

  it('make a new connection, and void what was verified, only when CMP would see the difference', () => {
    const connector = create();
    connector.verification = verified;
    connector.change(
      { name: 'Other', fieldNames: 'PascalCase', schedule: { ...defaultSchedule, tickMinutes: 0 } },
      now,
    );
    expect([connector.connectionVersion, connector.verification]).toEqual([1, verified]);
    connector.change({ accountId: '1000002' }, now);
    expect([connector.connectionVersion, connector.verification]).toEqual([2, null]);
    connector.verification = verified;
    connector.change({ currency: 'CAD' }, now);
    expect([connector.connectionVersion, connector.verification]).toEqual([3, null]);
  });
});

it.each([
  ['https://api.cloud.im/marketplace/na', 'https://api.cloud.im/marketplace/na'],
  [' https://API.cloud.im:443/marketplace/na// ', 'https://api.cloud.im/marketplace/na'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ['https://api.cloud.im./marketplace/./eu/../na/', 'https://api.cloud.im/marketplace/na'],
  ['HTTPS://api.cloud.im:0443/m%61rketplace/%2e/n%41', 'https://api.cloud.im/marketplace/nA'],
  ['https://api.cloud.im:8443/a%2fb//c', 'https://api.cloud.im:8443/a%2Fb//c'],
  ['https://api.cloud.im/', 'https://api.cloud.im'],
  ['https://[::1]:443/na/', 'https://[::1]/na'],
])('spells %s as %s', (given, canonical) => {
  expect(canonicalApiUrl(given)).toBe(canonical);
});

describe('stored secrets', () => {
  const connector = { apiUrl: 'https://a.example/na', username: 'one.api' };
  it.each([
    ['another address', { apiUrl: 'https://b.example' }, ['password', 'subscriptionKey']],
    [
      'another address with only the password',
      { apiUrl: 'https://b.example', password: 'p' },
      ['subscriptionKey'],
    ],
    ['another user name', { username: 'other.api' }, ['password']],
  ])('are needed again for %s', (_, change, missing) => {
    const errors = missing.map((field) => expect.objectContaining({ field }));
    expect(() => requireSecretsAgain(connector, change)).toThrow(expect.objectContaining({ errors }));
  });

  it.each([
    ['the same address and name', { ...connector }],
    ['another name with its password', { username: 'other.api', password: 'p' }],
    ['another address with both', { apiUrl: 'https://b.example', password: 'p', subscriptionKey: 'k' }],
  ])('are not needed again for %s', (_, change) => {
    expect(() => requireSecretsAgain(connector, change)).not.toThrow();
  });
});
