import type { ServiceEnv, ServiceOptions } from '@isthmus/service-kit';
import { Client } from 'pg';
import { freshDatabase, testIssuer } from './test-environment.ts';

export interface SchemaDifferences {
  /** What an entity declares but the migrations do not create, and columns of its tables that it does not declare. */
  wrong: string[];
  /** What only migrations make: tables, indexes, constraints and defaults of no entity. */
  undeclared: string[];
}

/**
 * Compares what a service's entities declare with what its migrations make of an empty database: tables, columns with
 * type, nullability and default, indexes, unique and foreign keys, checks, row-level security. Both are made in PostgreSQL and read from its
 * catalogue, so that neither side's way of writing things counts. Names of indexes and constraints do not count either;
 * functions and triggers are written in migrations only.
 *
 * `expect((await schemaDifferences(options)).wrong).toEqual([])`
 */
export async function schemaDifferences<E extends ServiceEnv>(
  options: ServiceOptions<E>,
  env: Record<string, string> = {},
): Promise<SchemaDifferences> {
  const [{ createService }, { MikroORM }] = await Promise.all([
    import('@isthmus/service-kit'),
    import('@mikro-orm/postgresql'),
  ]);
  const [migrated, declared, issuer] = await Promise.all([
    freshDatabase(`${options.service} migrated`),
    freshDatabase(`${options.service} declared`),
    testIssuer(),
  ]);
  try {
    const settings = { ...issuer.env, ...migrated.env, LOG_LEVEL: 'silent', ...env };
    const service = await createService(options, settings);
    try {
      await service.migrate();
      const ddl = await service.get(MikroORM).schema.getCreateSchemaSQL({ wrap: false });
      return compare(await schemaIn(declared.url, ddl), await schemaIn(migrated.url));
    } finally {
      await service.close();
    }
  } finally {
    await Promise.all([migrated.drop(), declared.drop(), issuer.close()]);
  }
}

/** Of a table: its columns, and everything else as one line of SQL each. */
interface Table {
  columns: Map<string, { type: string; default: string | null }>;
  parts: Set<string>;
}

async function schemaIn(url: string, ddl = ''): Promise<Map<string, Table>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    if (ddl) await client.query(ddl);
    const { rows } = await client.query<{
      table: string;
      column: string;
      type: string;
      default: string | null;
    }>(columns);
    const tables = new Map<string, Table>();
    for (const row of rows) {
      const table = tables.get(row.table) ?? { columns: new Map(), parts: new Set() };
      table.columns.set(row.column, {
        type: row.type,
        default: row.default?.replace(quotedNumber, '$1') ?? null,
      });
      tables.set(row.table, table);
    }
    for (const { table, part } of (await client.query<{ table: string; part: string }>(parts)).rows)
      tables.get(table)?.parts.add(part);
    return tables;
  } finally {
    await client.end();
  }
}

/** The default `'0'::bigint` is `0`. */
const quotedNumber = /^'(-?\d+(?:\.\d+)?)'::(?:bigint|integer|smallint|numeric)$/;

/** Six digits of a second are what a timestamp has anyway. */
const columns = `
  select c.relname as table, a.attname as column,
         replace(format_type(a.atttypid, a.atttypmod), '(6)', '') || case when a.attnotnull then ' not null' else '' end
           || case a.attidentity when '' then '' else ' identity' end as type,
         pg_get_expr(d.adbin, d.adrelid) as default
  from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    and c.relname <> 'mikro_orm_migrations'
  order by 1, a.attnum`;

/** Indexes that belong to a constraint are that constraint. */
const parts = `
  select t.relname as table, pg_get_constraintdef(k.oid) as part
  from pg_constraint k join pg_class t on t.oid = k.conrelid
  where t.relnamespace = 'public'::regnamespace and k.contype in ('p', 'u', 'f', 'c')
  union all
  select t.relname, replace(pg_get_indexdef(i.indexrelid), ' ' || quote_ident(x.relname) || ' ON ', ' ON ')
  from pg_index i join pg_class t on t.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
  where t.relnamespace = 'public'::regnamespace
    and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u'))
  union all
  select relname, 'row level security' || case when relforcerowsecurity then ', forced' else '' end
  from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity
  union all
  -- What \`migrate\` says of the roles, whose names are settings.
  select tablename, concat('policy ', policyname, ' for ', cmd, ' using ', qual, ' check ', with_check)
  from pg_policies where schemaname = 'public' and policyname not in ('owner', 'all_tenants')`;

function compare(declared: Map<string, Table>, migrated: Map<string, Table>): SchemaDifferences {
  const wrong: string[] = [];
  const undeclared: string[] = [];
  for (const [name, table] of declared) {
    const made = migrated.get(name);
    if (!made) {
      wrong.push(`${name}: there is no such table`);
      continue;
    }
    for (const [column, { type, default: value }] of table.columns) {
      const found = made.columns.get(column);
      if (!found) wrong.push(`${name}.${column}: is not created`);
      else if (found.type !== type) wrong.push(`${name}.${column}: is ${found.type}, declared ${type}`);
      if (!found || found.default === value) continue;
      if (value === null) undeclared.push(`${name}.${column}: default ${found.default}`);
      else wrong.push(`${name}.${column}: has the default ${found.default ?? 'none'}, declared ${value}`);
    }
    for (const column of made.columns.keys())
      if (!table.columns.has(column)) wrong.push(`${name}.${column}: is not declared`);
    for (const part of table.parts) if (!made.parts.has(part)) wrong.push(`${name}: is not created: ${part}`);
    for (const part of made.parts) if (!table.parts.has(part)) undeclared.push(`${name}: ${part}`);
  }
  for (const name of migrated.keys()) if (!declared.has(name)) undeclared.push(`table ${name}`);
  return { wrong, undeclared };
}
