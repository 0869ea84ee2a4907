import type { MikroORM } from '@mikro-orm/postgresql';

/**
 * SQL that would still be needed to make the database match the entities; empty when the migrations are complete.
 * For a service's drift test: `expect(await schemaDrift(orm)).toBe('')`.
 */
export async function schemaDrift(orm: Pick<MikroORM, 'schema'>): Promise<string> {
  return (await orm.schema.getUpdateSchemaSQL({ wrap: false })).trim();
}
