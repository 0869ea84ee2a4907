import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

it('reads a setting from the file of its name in SETTINGS_DIR, unless the environment has it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-settings-'));
  try {
    await writeFile(join(folder, 'DATABASE_URL'), 'postgres://u:from-a-file@db/x\n');
    await writeFile(join(folder, 'OIDC_AUDIENCE'), 'from a file');
    // Kubernetes keeps the files of a mounted Secret in a folder like this one, beside links to them.
    await mkdir(join(folder, '..2026_11_27'));
    const env = readConfig(ServiceEnv, { ...good, DATABASE_URL: undefined, SETTINGS_DIR: folder });
    expect(env.DATABASE_URL).toBe('postgres://u:from-a-file@db/x');
    expect(env.OIDC_AUDIENCE).toBe('isthmus');
    expect(() => readConfig(ServiceEnv, { ...good, SETTINGS_DIR: join(folder, 'none') })).toThrow(
      /SETTINGS_DIR.*none.*ENOENT/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('takes a table of roles only if each of its roles is one of ours', () => {
  const read = (OIDC_ROLE_MAP: string) => readConfig(ServiceEnv, { ...good, OIDC_ROLE_MAP });
  expect(read('{"Isthmus.Admin": "admin"}').OIDC_ROLE_MAP).toBeDefined();
  for (const wrong of ['{"Isthmus.Admin": "owner"}', '["admin"]', '"admin"', 'null', '{', '{"a": ["admin"]}'])
    expect(() => read(wrong)).toThrow(/OIDC_ROLE_MAP must be/);
});

it.each(['nats://a:4222', 'tls://a:4222,tls://b:4222', 'nats://user:pass@a'])(
  'takes %s as NATS_URL',
  (NATS_URL) => expect(readConfig(ServiceEnv, { ...good, NATS_URL }).NATS_URL).toBe(NATS_URL),
);

it.each(['http://a', 'nats://', 'nats://a,', 'nats://a,b'])('does not take %s as NATS_URL', (NATS_URL) =>
  expect(() => readConfig(ServiceEnv, { ...good, NATS_URL })).toThrow(/NATS_URL/),
);

it('asks for the tenants of a provider where everybody can have an organisation', () => {
  const tenants = '3f2504e0-4f89-41d3-9a0c-0305e82c3301, 3F2504E0-4F89-41D3-9A0C-0305E82C3302';
  const read = (OIDC_ISSUER: string, OIDC_TENANTS?: string) =>
    readConfig(ServiceEnv, { ...good, OIDC_ISSUER, OIDC_TENANTS });
  expect(read('https://login.example/{tid}/v2.0', tenants).OIDC_TENANTS).toBe(tenants);
  expect(read('https://login.example/', tenants).OIDC_TENANTS).toBe(tenants);
  expect(read('https://login.example/').OIDC_TENANTS).toBeUndefined();
  expect(() => read('https://login.example/{tid}/v2.0')).toThrow(/OIDC_TENANTS must be UUIDs/);
  expect(() => read('https://login.example/', 'contoso')).toThrow(/OIDC_TENANTS must be UUIDs/);
});

it('knows its commands and names them for one it does not know', () => {
  expect(readCommand(['node', 'main.js'])).toBe('serve');
  expect(readCommand(['node', 'main.js', 'migrate'])).toBe('migrate');
  expect(() => readCommand(['node', 'main.js', 'migrat'])).toThrow(/serve \(default\), migrate or openapi/);
});
