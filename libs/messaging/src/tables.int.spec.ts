import { MikroORM } from '@mikro-orm/postgresql';
import { freshDatabase } from '@isthmus/testing';
import { messagingTablesSql, messagingTables } from './tables.ts';

it('are what the migration makes', async () => {
  const database = await freshDatabase('tables');
  const orm = await MikroORM.init({ clientUrl: database.url, entities: messagingTables });
  for (const sql of messagingTablesSql) await orm.em.getConnection().execute(sql);
  expect(await orm.schema.getUpdateSchemaSQL({ wrap: false })).toBe('');
  await orm.close(true);
  await database.drop();
});
