import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  databaseEnv,
  type DatabaseEnv,
  freshDatabase,
  type FreshDatabase,
  migratedDatabase,
  tenantLeaks,
} from '@isthmus/testing';
import { Client } from 'pg';
import { system } from '../start/system.mjs';

interface Migrated extends FreshDatabase {
  name: string;
}

const root = join(import.meta.dirname, '../..');
/** As in production: the service's own program. */
const migrate = (run: string, env: DatabaseEnv) =>
  promisify(execFile)(process.execPath, [join(root, run), 'migrate'], { env: { ...process.env, ...env } });

const services = system.filter(({ migrates }) => migrates);
const databases = new Map<string, Migrated>();

beforeAll(async () => {
  for (const { name, run } of services) {
    const database = await freshDatabase(name);
    databases.set(name, { ...database, name });
    await migrate(run, database.env);
  }
});
afterAll(() => Promise.all([...databases.values()].map((one) => one.drop())));

it.each(services)(
  '$name: no row of another tenant is read, changed or added, in any table',
  async ({ name }) => {
    const { env, url } = databases.get(name)!;
    expect(await tenantLeaks(env, url)).toEqual([]);
  },
);

/** Whether the role that serves is let into a database of the same server. */
async function connects(name: string, url: string): Promise<boolean> {
  const client = new Client({ connectionString: databaseEnv(name, url).DATABASE_URL });
  try {
    return await client.connect().then(
      () => true,
      (error: { code?: string }) => error.code !== '42501',
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

it.each(services)('$name cannot connect to the database of another service', async ({ name }) => {
  for (const other of databases.values())
    expect([other.name, await connects(name, other.url)]).toEqual([other.name, other.name === name]);
});

it.each(services)('$name cannot connect to a database that no service has', async ({ name }) => {
  for (const database of ['postgres', 'template1']) {
    const url = new URL(databases.get(name)!.url);
    url.pathname = database;
    expect([database, await connects(name, url.href)]).toEqual([database, false]);
  }
});

it.each([
  ['alter policy tenant on endpoints using (true)', 'endpoints: nobody reads it'],
  ['alter policy tenant on endpoints using (true) with check (false)', 'endpoints: another tenant reads it'],
  ['drop policy tenant on deliveries', 'deliveries: its own tenant cannot see it'],
  [
    'alter table events no force row level security',
    'events: its row-level security is not enabled and forced',
  ],
  ['create table extra (tenant_id uuid not null)', 'extra: its row-level security is not enabled and forced'],
  [
    'create table extra (id int)',
    'extra: has neither a tenant nor a place on the list of tables without one',
  ],
  ['grant truncate on events to webhooks', `the service's role empties events`],
  ['grant select on backlog to webhooks', `the service's role reads the view backlog`],
  [
    'create materialized view everything as select * from events; grant select on everything to webhooks',
    `the service's role reads the view everything`,
  ],
  [
    'create function all_events() returns bigint language sql security definer as $$ select count(*) from events $$',
    `the service's role calls all_events(), which has the rights of its owner`,
  ],
  [
    'create schema side; create table side.copies (id int); grant usage on schema side to webhooks; grant select on side.copies to webhooks',
    `the service's role reaches side.copies, outside of public`,
  ],
  [
    'grant delete on mikro_orm_migrations to webhooks',
    `the service's role changes which migrations were run`,
  ],
])('%s is found', async (sql, leak) => {
  const { name, run } = services.find((one) => one.name === 'webhooks')!;
  const made = async ({ env }: FreshDatabase) => void (await migrate(run, env));
  const { url, env, drop } = await migratedDatabase(name, made);
  const admin = new Client({ connectionString: url });
  await admin.connect();
  await admin.query(sql);
  await admin.end();
  expect(await tenantLeaks(env, url)).toContain(leak);
  await drop();
});
