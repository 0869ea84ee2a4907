import {
  databaseEnv,
  eventually,
  type RunningServer,
  startPlatform,
  startPostgres,
  testCertificates,
  type TestCertificates,
  type TestPlatform,
} from '@isthmus/testing';
import { MikroORM } from '@mikro-orm/postgresql';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { notesService } from '../../test/notes.fixture.ts';
import { InvalidConfiguration } from '../config.ts';
import { createService } from '../service.ts';
import { migrateDatabase } from '../start.ts';
import { postgresAddress } from './postgres-address.ts';

let certificates: TestCertificates;
let server: RunningServer;
let platform: TestPlatform;
beforeAll(async () => {
  certificates = await testCertificates();
  server = await startPostgres({ durable: false, tls: certificates });
  platform = await startPlatform({ nats: process.env.TEST_NATS_URL });
});
afterAll(async () => {
  await platform.stop();
  await server.stop();
  await certificates.remove();
});

const at = (host: string, parameters = ''): string =>
  `postgres://postgres@${host}:${server.port}/postgres${parameters}`;

async function connects(address: string, caFile?: string): Promise<true> {
  const { url, ssl } = postgresAddress(address, caFile);
  const client = new Client({ connectionString: url, ssl });
  await client.connect();
  const { rows } = await client.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
  await client.end();
  expect(rows).toEqual([{ ssl: true }]);
  return true;
}

const tables = { service: 'notes', config: notesService.config, database: notesService.database };
/** Of a database that `migrate` creates, with its roles. */
const settings = () => ({
  ...platform.env,
  ...databaseEnv('notes', `postgres://postgres@127.0.0.1:${server.port}/notes`),
  DATABASE_CA_FILE: certificates.ca,
});

it('migrates over verified connections only, as the administrator and as the owner', async () => {
  const strangers = { ...settings(), DATABASE_CA_FILE: certificates.strangersCa };
  await expect(migrateDatabase(tables, strangers)).rejects.toThrow(/certificate/);
  expect(await migrateDatabase(tables, settings())).toEqual(['MakeNotes']);
  // Without the administrator, the owner is the first to connect.
  const owner = { ADMIN_DATABASE_URL: undefined };
  await expect(migrateDatabase(tables, { ...strangers, ...owner })).rejects.toThrow(/certificate/);
  expect(await migrateDatabase(tables, { ...settings(), ...owner })).toEqual([]);
});

it('serves from, relays and migrates a database that lets nobody in without TLS, with a CA file alone', async () => {
  await migrateDatabase(tables, settings());
  const service = await createService(notesService, settings());
  const { url, ssl } = postgresAddress(at('127.0.0.1'), certificates.ca);
  const admin = new Client({ connectionString: url, ssl });
  try {
    await admin.connect();
    await service.listen();
    await eventually(async () => (await fetch(`${service.url}/healthz/ready`)).ok);
    const open = `select application_name as name, bool_and(ssl) as ssl from pg_stat_activity join pg_stat_ssl using (pid)
      where application_name like 'notes%' group by 1 order by 1`;
    await service.get(MikroORM).em.fork().execute('select 1');
    // The relay connects in its own time.
    await eventually(async () => {
      expect((await admin.query(open)).rows).toEqual([
        { name: 'notes', ssl: true },
        { name: 'notes relay', ssl: true },
      ]);
      return true;
    });
  } finally {
    await admin.end();
    await service.close();
  }
});

it('gives the password of its role by both of its ways', async () => {
  await migrateDatabase(tables, settings());
  const { url, ssl } = postgresAddress(at('127.0.0.1'), certificates.ca);
  const admin = new Client({ connectionString: url, ssl });
  await admin.connect();
  const password = 'p@ss wörd';
  await admin.query(`alter role notes password '${password}'`);
  const { rows } = await admin.query<{ data_directory: string }>('show data_directory');
  const rules = join(rows[0]!.data_directory, 'pg_hba.conf');
  const before = await readFile(rules, 'utf8');
  const enforce = (text: string) => writeFile(rules, text).then(() => admin.query('select pg_reload_conf()'));
  await enforce(`hostssl all notes all scram-sha-256\n${before}`);
  const address = new URL(settings().DATABASE_URL);
  address.password = encodeURIComponent(password);
  const service = await createService(notesService, { ...settings(), DATABASE_URL: address.href });
  try {
    await service.listen();
    await eventually(async () => (await fetch(`${service.url}/healthz/ready`)).ok);
    await service.get(MikroORM).em.fork().execute('select 1');
    await expect(connects(settings().DATABASE_URL, certificates.ca)).rejects.toThrow(/password/);
  } finally {
    await service.close();
    await enforce(before);
    await admin.end();
  }
});

it('verifies who signed the certificate, and for whom', async () => {
  expect(await connects(at('127.0.0.1', '?sslmode=verify-full'), certificates.ca)).toBe(true);
  expect(await connects(at('127.0.0.1', `?sslmode=verify-full&sslrootcert=${certificates.ca}`))).toBe(true);
  await expect(connects(at('127.0.0.1'), certificates.strangersCa)).rejects.toThrow(/certificate/);
  await expect(connects(at('127.0.0.1', '?sslmode=verify-full'))).rejects.toThrow(/certificate/);
  await expect(connects(at('localhost'), certificates.ca)).rejects.toThrow(/localhost/);
  await expect(connects(at('127.0.0.1'))).rejects.toThrow(/no encryption/);
  await expect(connects(at('127.0.0.1', '?sslmode=disable'), certificates.ca)).rejects.toThrow(
    /no encryption/,
  );
});

it('checks less where the address says so', async () => {
  expect(await connects(at('localhost', '?sslmode=verify-ca'), certificates.ca)).toBe(true);
  expect(await connects(at('localhost', '?sslmode=require'))).toBe(true);
  for (const mode of ['verify-ca', 'require'])
    await expect(connects(at('localhost', `?sslmode=${mode}`), certificates.strangersCa)).rejects.toThrow(
      /certificate/,
    );
});

it.each(['prefer', 'allow', 'no-verify', 'VERIFY-FULL', ''])(
  'refuses the sslmode "%s", which would look safer than it is',
  (mode) => {
    expect(() => postgresAddress(`postgres://u:secret@db/x?sslmode=${mode}`)).toThrow(InvalidConfiguration);
    expect(() => postgresAddress(`postgres://u:secret@db/x?sslmode=${mode}`)).not.toThrow(/secret/);
  },
);

it('names the file that cannot be read', () => {
  expect(() => postgresAddress('postgres://u@db/x', '/nowhere/ca.pem')).toThrow(
    /nowhere\/ca\.pem of DATABASE_CA_FILE cannot be read \(ENOENT\)/,
  );
  expect(() => postgresAddress('postgres://u@db/x?sslmode=verify-ca')).toThrow(/needs DATABASE_CA_FILE/);
});

it('leaves the rest of an address as it is', () => {
  const { url } = postgresAddress('postgres://u:p%40w@db:6432/x?sslmode=require&options=-c%20a%3Db');
  expect(url).toBe('postgres://u:p%40w@db:6432/x?options=-c+a%3Db');
});
