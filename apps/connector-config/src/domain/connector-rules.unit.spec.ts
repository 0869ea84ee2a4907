import { createHash } from 'node:crypto';
import { canonicalApiUrl } from './canonical-api-url.ts';
import { newApiKey } from './new-api-key.ts';
import { requireSecretsAgain } from './secrets-needed-again.ts';

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
    expect(() => requireSecretsAgain(connector, change)).toThrow(expect.objectContaining({ missing }));
  });

  it.each([
    ['the same address and name', { ...connector }],
    ['another name with its password', { username: 'other.api', password: 'p' }],
    ['another address with both', { apiUrl: 'https://b.example', password: 'p', subscriptionKey: 'k' }],
  ])('are not needed again for %s', (_, change) => {
    expect(() => requireSecretsAgain(connector, change)).not.toThrow();
  });
});

it('makes keys of 32 random bytes whose hash and prefix are all that is kept', () => {
  const [one, two] = [newApiKey(), newApiKey()];
  expect(one.key).not.toBe(two.key);
  expect(Buffer.from(one.key.slice('isthmus_'.length), 'base64url')).toHaveLength(32);
  expect(one.key.startsWith(one.prefix)).toBe(true);
  expect(one.hash).toBe(createHash('sha256').update(one.key).digest('hex'));
});
