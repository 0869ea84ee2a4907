import { MikroORM } from '@mikro-orm/postgresql';

/** Runs the migrations that are missing, one process at a time; answers their names. */
export async function migrate(orm: MikroORM): Promise<string[]> {
  // Loaded here: serving needs no migrator, and it costs a sixth of a second of the start.
  const { Migrator } = await import('@mikro-orm/migrations');
  const migrator = new Migrator(orm.em as never);
  const connection = orm.em.getConnection();
  const trx = await connection.begin();
  try {
    // Two replicas that migrate at once would both see nothing done; the second waits here and then finds nothing to do.
    await connection.execute(`select pg_advisory_xact_lock(hashtext('isthmus.migrate'))`, [], 'run', trx);
    const done = await migrator.up();
    await connection.commit(trx);
    return done.map(({ name }) => name);
  } catch (error) {
    await connection.rollback(trx).catch(() => undefined);
    throw error;
  }
}
