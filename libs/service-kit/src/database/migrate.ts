import { setTimeout } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import pg, { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { Logger } from 'pino';
import { appendOnlyTables } from '../audit/audit.entity.ts';
import { crossTenantRole, InvalidConfiguration, roleIn, type ServiceEnv } from '../config.ts';
import type { DatabaseOptions } from '../service-options.ts';
import { openOrm } from './database.ts';
import { isDatabaseDown } from './lost-connections.ts';
import { postgresAddress } from './postgres-address.ts';

/**
 * Brings the service's database up to date: with ADMIN_DATABASE_URL first its roles and the database itself, then the pending migrations,
 * as the role that owns the tables, then what the service's roles may do. Returns the names of the migrations.
 */
export async function migrate(
  service: string,
  env: ServiceEnv,
  tables: DatabaseOptions,
  log: Logger,
): Promise<string[]> {
  const roles = rolesOf(env);
  const { ADMIN_DATABASE_URL: adminUrl, DATABASE_CA_FILE: caFile } = env;
  const address = postgresAddress(roles.migrationUrl, caFile, 'MIGRATION_DATABASE_URL');
  const port = Number(new URL(address.url).port || 5432);
  for (const until = Date.now() + patienceMs; ; await setTimeout(1_000)) {
    const orm = openOrm(service, address, env, tables, log);
    try {
      if (adminUrl) await provision(adminUrl, caFile, roles);
      return await runMigrations(orm, roles);
    } catch (error) {
      if (!isDatabaseDown(error, port) || Date.now() > until) throw error;
      log.warn({ err: error }, 'The database cannot be reached; the next attempt is in a second.');
    } finally {
      await orm.close(true);
    }
  }
}

/** A database that starts together with this, or is busy, is waited for: half a migration leaves nothing. */
const patienceMs = 60_000;

interface Roles {
  migrationUrl: string;
  serviceUrl: string;
  owner: string;
  service: string;
  crossTenant: string;
}

/** @throws InvalidConfiguration unless owner and service are two roles */
function rolesOf(env: ServiceEnv): Roles {
  const { DATABASE_URL: serviceUrl, MIGRATION_DATABASE_URL: migrationUrl } = env;
  const wrong = (message: string) =>
    new InvalidConfiguration([{ variable: 'MIGRATION_DATABASE_URL', message }]);
  if (!migrationUrl) throw wrong('must be set: the address of the database as the role that owns its tables');
  const [owner, service] = [roleIn(migrationUrl), roleIn(serviceUrl)];
  if (!owner || !service || owner === service)
    throw wrong('must name another role than DATABASE_URL: who owns a table can lift its row-level security');
  return { migrationUrl, serviceUrl, owner, service, crossTenant: crossTenantRole(env) };
}

/** One process at a time: two replicas that migrate concurrently would both find everything pending. */
async function runMigrations(orm: MikroORM, roles: Roles): Promise<string[]> {
  // Loaded here: serving needs no migrator, and it costs a sixth of a second of the start.
  const { Migrator } = await import('@mikro-orm/migrations');
  const migrator = new Migrator(orm.em as never);
  const connection = orm.em.getConnection();
  const trx = await connection.begin();
  const run = (sql: string) => connection.execute(sql, [], 'run', trx);
  try {
    await run(`select pg_advisory_xact_lock(hashtext('isthmus.migrate'))`);
    const done = await migrator.up();
    for (const sql of permissions(roles)) await run(sql);
    await connection.commit(trx);
    return done.map(({ name }) => name);
  } catch (error) {
    await connection.rollback(trx).catch(() => undefined);
    throw error;
  }
}

/**
 * The service's privileges on the existing tables: only on rows. The names of roles are settings, so this is not a migration; it
 * is executed again after each.
 */
function permissions({ service, crossTenant }: Roles): string[] {
  const [serves, jobs] = [service, crossTenant].map(escapeIdentifier) as [string, string];
  return [
    `grant usage on schema public to ${serves}, ${jobs}`,
    `grant select, insert, update, delete on all tables in schema public to ${serves}, ${jobs}`,
    `revoke all on table mikro_orm_migrations from ${serves}, ${jobs}`,
    // A service is ready once the migrations of its release are in it.
    `grant select on table mikro_orm_migrations to ${serves}`,
    notTheirViews([service, crossTenant]),
    ...appendOnlyTables.map((table) => addRowsOnly(table, [service, crossTenant])),
    `grant usage, select on all sequences in schema public to ${serves}, ${jobs}`,
    policyForAll('all_tenants', escapeLiteral(crossTenant)),
    policyForAll('owner', 'current_user'),
  ];
}

/** Rows of the table, if it exists, are never changed or deleted. */
const addRowsOnly = (table: string, roles: readonly string[]): string => `
  do $$ begin
    if to_regclass('public.${table}') is not null then
      revoke update, delete on table ${table} from ${roles.map(escapeIdentifier).join(', ')};
    end if;
  end $$`;

/** A view reads with its owner's privileges, so it contains rows of all tenants: only who is granted it separately may read it. */
const notTheirViews = (roles: readonly string[]): string => `
  do $$ declare view_name name; begin
    for view_name in select viewname from pg_views where schemaname = 'public' loop
      execute format('revoke all on %I from ${roles.map(escapeIdentifier).join(', ')}', view_name);
    end loop;
  end $$`;

/** A policy that shows a role every row, on all tables with row-level security. Nothing is locked where it is as it should be. */
const policyForAll = (policy: string, role: string): string => `
  do $$ declare wanted record; begin
    for wanted in
      select c.relname, p.polname from pg_class c left join pg_policy p on p.polrelid = c.oid and p.polname = '${policy}'
      where c.relnamespace = 'public'::regnamespace and c.relrowsecurity
        and p.polroles is distinct from array[(select oid from pg_roles where rolname = ${role})]
    loop
      if wanted.polname is not null then execute format('drop policy ${policy} on %I', wanted.relname); end if;
      execute format('create policy ${policy} on %I to %I using (true)', wanted.relname, ${role});
    end loop;
  end $$`;

/** Makes what is missing of roles and database, and gives the database, with all that is in it, to the role that owns it. */
async function provision(adminUrl: string, caFile: string | undefined, roles: Roles): Promise<void> {
  const database = decodeURIComponent(new URL(roles.serviceUrl).pathname.slice(1));
  const [name, owner, service, crossTenant] = [database, roles.owner, roles.service, roles.crossTenant].map(
    escapeIdentifier,
  ) as [string, string, string, string];
  await asAdmin(adminUrl, caFile, async (admin) => {
    // Roles belong to the whole server: a concurrent process that creates the same ones waits.
    await admin.query(`select pg_advisory_lock(hashtext('isthmus.provision'))`);
    await ensureRole(admin, roles.owner, new URL(roles.migrationUrl).password);
    await ensureRole(admin, roles.service, new URL(roles.serviceUrl).password);
    await ensureRole(admin, roles.crossTenant);
    // Allows switching to that role for a transaction, without having its privileges all the time.
    await admin.query(`grant ${crossTenant} to ${service} with inherit false, set true`);
    await admin.query(`grant ${owner} to current_user`);
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [database]);
    await admin.query(
      rowCount ? `alter database ${name} owner to ${owner}` : `create database ${name} owner ${owner}`,
    );
    await admin.query(`revoke all on database ${name} from public`);
    await admin.query(`grant connect, temporary on database ${name} to ${service}`);
  });
  const inside = new URL(adminUrl);
  inside.pathname = new URL(roles.serviceUrl).pathname;
  await asAdmin(inside.href, caFile, async (admin) => {
    await admin.query('revoke all on schema public from public');
    await admin.query(`grant usage, create on schema public to ${owner}`);
    await admin.query(takeOver(escapeLiteral(roles.owner)));
  });
}

async function asAdmin(
  adminUrl: string,
  caFile: string | undefined,
  work: (admin: Client) => Promise<void>,
): Promise<void> {
  const { url, ssl } = postgresAddress(adminUrl, caFile, 'ADMIN_DATABASE_URL');
  const admin = new pg.Client({ connectionString: url, ssl });
  // What a broken connection does to a statement is enough to know.
  admin.on('error', () => undefined);
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

/** @param password as it stands in an address; without one, the role is not to log in or needs none */
async function ensureRole(admin: Client, role: string, password?: string): Promise<void> {
  const name = escapeIdentifier(role);
  const { rowCount } = await admin.query('select from pg_roles where rolname = $1', [role]);
  if (!rowCount) await admin.query(`create role ${name} ${password === undefined ? 'nologin' : 'login'}`);
  if (password)
    await admin.query(`alter role ${name} password ${escapeLiteral(decodeURIComponent(password))}`);
}

/**
 * Transfers everything in the schema to the owner, such as objects that another role created before. Sequences of columns follow.
 */
const takeOver = (owner: string): string => `
  do $$ declare alien record; begin
    for alien in
      select format('table %I', relname) as thing from pg_class c
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and relowner <> to_regrole(quote_ident(${owner}))
      union all
      select format('sequence %I', relname) from pg_class c
      where relnamespace = 'public'::regnamespace and relkind = 'S' and relowner <> to_regrole(quote_ident(${owner}))
        and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i') and d.refobjsubid > 0)
      union all
      select format('function %s', oid::regprocedure) from pg_proc
      where pronamespace = 'public'::regnamespace and proowner <> to_regrole(quote_ident(${owner}))
    loop
      execute format('alter %s owner to %I', alien.thing, ${owner});
    end loop;
  end $$`;
