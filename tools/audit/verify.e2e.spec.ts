import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  databaseEnv,
  type RunningServer,
  startPostgres,
  testCertificates,
  type TestCertificates,
} from '@isthmus/testing';

const root = join(import.meta.dirname, '../..');
const services = ['webhooks', 'connector-config'];

let certificates: TestCertificates;
let server: RunningServer;
let folder: string;
beforeAll(async () => {
  certificates = await testCertificates();
  server = await startPostgres({ durable: false, tls: certificates });
  folder = await mkdtemp(join(tmpdir(), 'isthmus-verify-'));
  for (const service of services) {
    const env = databaseEnv(service, urlOf(service));
    const migrated = await node([`apps/${service}/dist/main.js`, 'migrate'], {
      ...env,
      DATABASE_CA_FILE: certificates.ca,
    });
    expect(migrated).toMatchObject({ code: 0 });
  }
});
afterAll(async () => {
  await server?.stop();
  await certificates?.remove();
  await rm(folder, { recursive: true, force: true });
});

const urlOf = (service: string, host = '127.0.0.1') =>
  `postgres://postgres@${host}:${server.port}/${service.replace('-', '_')}`;

/** A program of the built checkout. */
const node = (args: string[], env: Record<string, string | undefined> = {}) =>
  new Promise<{ code: number; said: string }>((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: root, env: { ...process.env, ...env } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr }),
    );
  });

async function verify(addresses: (service: string) => string, caFile?: string) {
  const file = join(folder, 'databases.json');
  await writeFile(file, JSON.stringify(Object.fromEntries(services.map((one) => [one, addresses(one)]))));
  return node(['tools/audit/verify.mjs', '--databases', file], { DATABASE_CA_FILE: caFile });
}

it('verifies the logs of databases that let nobody in without TLS', async () => {
  const { code, said } = await verify((service) => urlOf(service), certificates.ca);
  expect(said).toBe(
    'webhooks: 0 entries of 0 tenants, whole\nconnector-config: 0 entries of 0 tenants, whole\n',
  );
  expect(code).toBe(0);
  const own = (service: string) => `${urlOf(service)}?sslmode=verify-full&sslrootcert=${certificates.ca}`;
  expect(await verify(own)).toEqual({ code: 0, said });
});

it('verifies nothing without TLS, with the certificate of somebody else, or for another host', async () => {
  for (const [host, caFile, why] of [
    ['127.0.0.1', undefined, /no encryption/],
    ['127.0.0.1', certificates.strangersCa, /certificate/],
    ['localhost', certificates.ca, /localhost/],
    ['127.0.0.1', '/nowhere/ca.pem', /nowhere.ca\.pem/],
  ] as const) {
    const { code, said } = await verify((service) => urlOf(service, host), caFile);
    expect(said).toMatch(/^The database of webhooks cannot be reached: .*/);
    expect(said).toMatch(why);
    expect(code).toBe(2);
  }
});
