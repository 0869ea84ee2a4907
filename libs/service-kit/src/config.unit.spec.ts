import { InvalidConfiguration, readCommand, readConfig, ServiceEnv } from './config.ts';

const good = {
  DATABASE_URL: 'postgres://u:p@127.0.0.1/db',
  OIDC_ISSUER: 'https://issuer.test',
  OIDC_AUDIENCE: 'isthmus',
  OIDC_JWKS_URL: 'https://issuer.test/jwks',
};

it('reads numbers as numbers and gives defaults to what is absent or empty', () => {
  const env = readConfig(ServiceEnv, { ...good, PORT: '8101', LOG_LEVEL: '' });
  expect(env).toMatchObject({
    PORT: 8101,
    LOG_LEVEL: 'info',
    ALLOW_PRIVATE_ADDRESSES: 'no',
    BODY_LIMIT: 1_048_576,
  });
});

it('names every bad variable at once and repeats no value', () => {
  const read = () =>
    readConfig(ServiceEnv, {
      ...good,
      PORT: 'hunter2',
      DATABASE_URL: 'mysql://root:hunter2@db',
      OIDC_ISSUER: undefined,
    });
  expect(read).toThrow(InvalidConfiguration);
  expect(read).toThrow(/PORT[^]*DATABASE_URL[^]*OIDC_ISSUER|DATABASE_URL[^]*OIDC_ISSUER/);
  expect(read).not.toThrow(/hunter2/);
});

it.each([
  ['https://issuer.example/jwks', true],
  ['file:///run/issuer/jwks.json', true],
  ['http://127.0.0.1:8080/jwks', true],
  ['http://localhost/jwks', true],
  ['http://[::1]:8080/jwks', true],
  ['http://issuer.example/jwks', false],
  ['http://127.0.0.1.issuer.example/jwks', false],
  ['http://localhost.issuer.example/jwks', false],
  ['http://127.0.0.1@issuer.example/jwks', false],
  ['data:application/json,{}', false],
])('keys that vouch for tokens may come from %s: %s', (url, allowed) => {
  const read = () => readConfig(ServiceEnv, { ...good, OIDC_JWKS_URL: url });
  if (allowed) expect(read().OIDC_JWKS_URL).toBe(url);
  else expect(read).toThrow(/OIDC_JWKS_URL/);
});

it('knows its commands and names them for one it does not know', () => {
  expect(readCommand(['node', 'main.js'])).toBe('serve');
  expect(readCommand(['node', 'main.js', 'migrate'])).toBe('migrate');
  expect(() => readCommand(['node', 'main.js', 'migrat'])).toThrow(/serve \(default\), migrate or openapi/);
});
