import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { DatabaseEnv } from '../test-environment.ts';

/**
 * Everything that is wrong with how a migrated database keeps tenants apart, found out by trying, table by table, as the role that the
 * service logs in as: with a tenant, without one, and against a row of another one. An empty list is the goal.
 * @param url of the database, as the superuser
 */
export async function tenantLeaks(env: DatabaseEnv, url: string): Promise<string[]> {
  const { appendOnlyTables, tablesOfNoTenant, tablesWithoutTenant } = await import('@isthmus/service-kit');
  const [admin, service] = await Promise.all([connect(url), connect(env.DATABASE_URL)]);
  try {
    const tables = await tablesIn(admin);
    const leaks = await privileges(admin, service, env);
    for (const table of tables) {
      const { name, secured, hasTenant } = table;
      if (name in tablesWithoutTenant) {
        if (hasTenant) leaks.push(`${name}: has a tenant and is listed as a table without one`);
        continue;
      }
      if (!hasTenant && !(name in tablesOfNoTenant))
        leaks.push(`${name}: has neither a tenant nor a place on the list of tables without one`);
      else if (!secured) leaks.push(`${name}: its row-level security is not enabled and forced`);
      else
        leaks.push(
          ...(await leaksOf(table, appendOnlyTables, admin, service)).map((leak) => `${name}: ${leak}`),
        );
    }
    return leaks;
  } finally {
    await Promise.all([admin.end(), service.end()]);
  }
}

interface Column {
  name: string;
  type: string;
  /** What its checks allow, if they name values. */
  allowed: string | null;
}

interface Table {
  name: string;
  secured: boolean;
  hasTenant: boolean;
  /** Columns that need a value, and the tenant. */
  needed: Column[];
}

async function tablesIn(admin: Client): Promise<Table[]> {
  const { rows } = await admin.query<Table>(`
    select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as secured,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped) as "hasTenant",
      coalesce((select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, null), 'allowed',
          (select substring(pg_get_constraintdef(k.oid) from '''([^'']*)''') from pg_constraint k
           where k.conrelid = c.oid and k.contype = 'c' and a.attnum = any(k.conkey) limit 1)))
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull
          and (not a.atthasdef or a.attname = 'tenant_id') and a.attidentity = ''), '[]') as needed
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'mikro_orm_migrations'
    order by 1`);
  return rows;
}

/** A row of a tenant is there. Whoever is not that tenant must neither see nor change it, nor add one in that tenant's name. */
async function leaksOf(
  table: Table,
  appendOnly: readonly string[],
  admin: Client,
  service: Client,
): Promise<string[]> {
  const { name, hasTenant } = table;
  const [owner, other] = [randomUUID(), randomUUID()];
  const row = rowOf(table, owner);
  // Foreign keys are not what is tried here.
  await admin.query('set session_replication_role = replica');
  await admin.query(insert(name, row));
  const leaks: string[] = [];
  const expect = (what: string, fine: boolean) => fine || leaks.push(what);
  for (const [who, tenant] of [
    ['nobody', undefined],
    ['another tenant', other],
    ...(hasTenant ? [] : [['a tenant', owner] as const]),
  ] as const) {
    const as = (sql: string) => inTransaction(service, tenant, sql);
    expect(`${who} reads it`, (await as(`select from ${name}`)) === 0);
    expect(`${who} changes it`, isNothing(await as(`update ${name} set ${touch(row)}`)));
    expect(`${who} deletes it`, isNothing(await as(`delete from ${name}`)));
    expect(`${who} adds a row to it`, (await as(insert(name, rowOf(table, owner)))) === denied);
  }
  if (hasTenant) {
    const as = (sql: string) => inTransaction(service, owner, sql);
    // Otherwise nothing would have been tried at all.
    expect('its own tenant cannot see it', (await as(`select from ${name}`)) === 1);
    expect(
      'it can be given to another tenant',
      (await as(`update ${name} set tenant_id = '${other}'`)) === denied,
    );
  }
  if (appendOnly.includes(name)) {
    const as = (sql: string) => inTransaction(service, owner, sql);
    expect('its own tenant changes it', (await as(`update ${name} set ${touch(row)}`)) === denied);
    expect('its own tenant deletes it', (await as(`delete from ${name}`)) === denied);
  }
  await admin.query(`delete from ${name}`);
  return leaks;
}

/** No row, or no permission to try. */
const isNothing = (outcome: number | string | null): boolean => outcome === 0 || outcome === denied;

const rowOf = ({ needed }: Table, tenant: string): Record<string, string> =>
  Object.fromEntries(
    needed.map(({ name, type, allowed }) => [name, name === 'tenant_id' ? tenant : valueOf(type, allowed)]),
  );

function valueOf(type: string, allowed: string | null): string {
  if (type.endsWith('[]')) return '{}';
  if (type === 'uuid') return randomUUID();
  if (/^(small|big)?int|numeric|double|real/.test(type)) return '1';
  if (/^(timestamp|date)/.test(type)) return 'now';
  if (/^json/.test(type)) return '{}';
  return type === 'boolean' ? 'false' : (allowed ?? '');
}

const insert = (table: string, row: Record<string, string>): string => {
  const values = Object.values(row).map((value) => `'${value}'`);
  return Object.keys(row).length > 0
    ? `insert into ${table} (${Object.keys(row).map(quoted).join(', ')}) values (${values.join(', ')})`
    : `insert into ${table} default values`;
};

const quoted = (name: string) => `"${name}"`;

/** Sets a column to what it is. */
const touch = (row: Record<string, string>): string => {
  const [column] = Object.keys(row).map(quoted);
  return `${column} = ${column}`;
};

const denied = 'denied';

/** How many rows a statement concerns, for a tenant; nothing of it stays. */
async function inTransaction(
  client: Client,
  tenant: string | undefined,
  sql: string,
): Promise<number | string | null> {
  await client.query('begin');
  try {
    if (tenant) await client.query(`select set_config('isthmus.tenant', $1, true)`, [tenant]);
    return (await client.query(sql)).rowCount;
  } catch (error) {
    return isDenied(error) ? denied : String(error);
  } finally {
    await client.query('rollback');
  }
}

const isDenied = (error: unknown): boolean => (error as { code?: unknown }).code === '42501';

/** Not PostgreSQL's own schemas. */
const ours = (schema: string) =>
  `${schema}::regnamespace::text not in ('pg_catalog', 'information_schema', 'pg_toast')`;

/** What the role could do instead of asking for rows. */
async function privileges(admin: Client, service: Client, env: DatabaseEnv): Promise<string[]> {
  const leaks: string[] = [];
  const mustBeDenied = async (what: string, sql: string) => {
    if ((await inTransaction(service, undefined, sql)) !== denied) leaks.push(`the service's role ${what}`);
  };
  const { rows } = await admin.query<{ relname: string }>(
    `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`,
  );
  for (const { relname } of rows) {
    await mustBeDenied(
      `lifts the security of ${relname}`,
      `alter table ${relname} disable row level security`,
    );
    await mustBeDenied(`exempts owners of ${relname}`, `alter table ${relname} no force row level security`);
    await mustBeDenied(`makes a policy for ${relname}`, `create policy mine on ${relname} using (true)`);
    await mustBeDenied(`empties ${relname}`, `truncate ${relname}`);
  }
  await mustBeDenied('creates a table', 'create table mine (id int)');
  for (const change of [
    'insert into mikro_orm_migrations (name) values (null)',
    'delete from mikro_orm_migrations',
  ])
    await mustBeDenied('changes which migrations were run', change);
  const views = await admin.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c where c.relkind in ('v', 'm') and ${ours('c.relnamespace')} order by 1`,
  );
  // A view shows what its owner sees: rows of every tenant. A materialized one has no row-level security at all.
  for (const { name } of views.rows) await mustBeDenied(`reads the view ${name}`, `select from ${name}`);
  // So does a function that runs with the rights of its owner.
  const functions = await service.query<{ name: string }>(
    `select p.oid::regprocedure::text as name from pg_proc p
     where p.prosecdef and ${ours('p.pronamespace')} and has_function_privilege(p.oid, 'execute') order by 1`,
  );
  for (const { name } of functions.rows)
    leaks.push(`the service's role calls ${name}, which has the rights of its owner`);
  // What is tried above are the tables of one schema.
  const elsewhere = await service.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c
     where c.relkind in ('r', 'p', 'f') and c.relnamespace <> 'public'::regnamespace and ${ours('c.relnamespace')}
       and has_table_privilege(c.oid, 'select, insert, update, delete') order by 1`,
  );
  for (const { name } of elsewhere.rows) leaks.push(`the service's role reaches ${name}, outside of public`);
  const owner = new URL(env.MIGRATION_DATABASE_URL).username;
  await mustBeDenied('becomes the owner of the tables', `set local role ${owner}`);
  const { rowCount } = await service.query(
    `select from pg_roles where rolname = current_user and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)`,
  );
  if (rowCount) leaks.push(`the service's role is exempt, or may make roles or databases`);
  return leaks;
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}
