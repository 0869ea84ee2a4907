import { messagingTables } from '@isthmus/messaging';
import type { DatabaseOptions } from '@isthmus/service-kit';
import type { TableDifference } from '@mikro-orm/postgresql';
import { freshDatabase } from './test-environment.ts';

export interface NextMigration {
  /** SQL that makes what the entities declare of what the migrations make; empty when they agree. */
  statements: string[];
  /** What only the migrations make: `orders: index orders_by_age`. Kept, unless drops were asked for. */
  kept: string[];
}

/**
 * The next migration of a service, by MikroORM's schema comparator: columns, indexes, checks and foreign keys. Both sides are
 * made in PostgreSQL and read from there, so that neither side's way of writing things counts, nor the
 * names of keys, checks and indexes.
 *
 * @param drop also drop what no entity declares: columns, indexes, checks, keys and defaults, but never a table
 */
export async function nextMigration(
  database: DatabaseOptions,
  { drop = false, server }: { drop?: boolean; server?: string } = {},
): Promise<NextMigration> {
  const [orms, { Migrator }, { declareTenantPolicy }] = await Promise.all([
    import('@mikro-orm/postgresql'),
    import('@mikro-orm/migrations'),
    import('@isthmus/service-kit'),
  ]);
  const { DatabaseSchema, MikroORM, SchemaComparator } = orms;
  const open = (clientUrl: string) =>
    new MikroORM({
      clientUrl,
      entities: [...database.entities, ...messagingTables] as never,
      ensureDatabase: false,
      colors: false,
      logger: () => undefined,
      discovery: { warnWhenNoEntities: false, onMetadata: declareTenantPolicy },
      migrations: {
        migrationsList: database.migrations.map((one) => ({ name: one.name, class: one as never })),
        snapshot: false,
      },
    });
  const [migrated, declared] = await Promise.all([
    freshDatabase('migrated', server),
    freshDatabase('declared', server),
  ]);
  const [from, to] = [open(migrated.url), open(declared.url)];
  try {
    await new Migrator(from.em as never).up();
    await to.schema.create();
    const [made, wanted] = await Promise.all(
      [from, to].map(({ em, config }) => DatabaseSchema.create(em.getConnection(), em.getPlatform(), config)),
    );
    const difference = new SchemaComparator(from.em.getPlatform()).compare(made!, wanted!);
    const tables = Object.values(difference.changedTables);
    tables.forEach(ignoreNames);
    const kept = drop ? [] : tables.flatMap(keepUndeclared);
    if (!drop) difference.orphanedForeignKeys = [];
    const sql = from.schema.diffToSQL(difference, { wrap: false, dropTables: false });
    return { statements: sql.split(/;\s*\n|;$/).flatMap((one) => one.trim() || []), kept };
  } finally {
    await Promise.all([from.close(true), to.close(true)]);
    await Promise.all([migrated.drop(), declared.drop()]);
  }
}

/** What is the same but for its name, or for quotes around a number, is no difference; nor what `migrate` makes beside migrations. */
function ignoreNames(table: TableDifference): void {
  table.renamedIndexes = {};
  for (const name of ['owner', 'all_tenants']) delete table.removedPolicies[name];
  const pairs = [
    [table.addedForeignKeys, table.removedForeignKeys],
    [table.addedChecks, table.removedChecks],
  ] as Record<string, object>[][];
  for (const [added = {}, removed = {}] of pairs) {
    for (const [name, one] of Object.entries(removed)) {
      const twin = Object.keys(added).find((other) => withoutName(added[other]!) === withoutName(one));
      if (twin === undefined) continue;
      delete removed[name];
      delete added[twin];
    }
  }
  for (const [name, { column, fromColumn, changedProperties }] of Object.entries(table.changedColumns)) {
    if (unquoted(fromColumn.default) === unquoted(column.default)) changedProperties.delete('default');
    if (changedProperties.size === 0) delete table.changedColumns[name];
  }
}

const withoutName = (one: object): string =>
  JSON.stringify({ ...one, constraintName: undefined, name: undefined });

const unquoted = (value: string | null | undefined): string | null =>
  value?.replace(/^'(-?\d+(?:\.\d+)?)'$/, '$1') ?? null;

/** Takes out of a difference what would drop something, and says what that is. */
function keepUndeclared(table: TableDifference): string[] {
  const kept: string[] = [];
  const keep = (kind: string, removed: Record<string, unknown>) => {
    for (const name of Object.keys(removed)) {
      kept.push(`${table.name}: ${kind} ${name}`);
      delete removed[name];
    }
  };
  keep('column', table.removedColumns);
  keep('index', table.removedIndexes);
  keep('check', table.removedChecks);
  keep('foreign key', table.removedForeignKeys);
  keep('trigger', table.removedTriggers);
  const changed = Object.keys(table.removedPolicies).filter((name) => name in table.addedPolicies);
  const recreated = Object.fromEntries(changed.map((name) => [name, table.removedPolicies[name]!]));
  for (const name of changed) delete table.removedPolicies[name];
  keep('policy', table.removedPolicies);
  Object.assign(table.removedPolicies, recreated);
  for (const [name, { column, fromColumn, changedProperties }] of Object.entries(table.changedColumns)) {
    // The next number of a sequence is a default too, and is called autoincrement here.
    const [had, has] = [fromColumn, column].map((one) => one.autoincrement || one.default != null);
    if (!had || has) continue;
    kept.push(`${table.name}: default of ${name}`);
    for (const property of ['default', 'autoincrement']) changedProperties.delete(property);
    if (changedProperties.size === 0) delete table.changedColumns[name];
    else column.default = fromColumn.default;
  }
  return kept;
}
