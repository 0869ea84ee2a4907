import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool, PoolClient } from 'pg';

/** Runs `work` in a transaction with an entity manager of its own; commits when it resolves, rolls back when it throws. */
export function transaction<T>(
  orm: { readonly em: EntityManager },
  work: (em: EntityManager) => Promise<T>,
): Promise<T> {
  return orm.em.fork().transactional((em) => work(em as EntityManager));
}

/**
 * The same for plain statements, on a connection of the pool. A connection that cannot even roll back is broken: it is
 * closed instead of given back.
 */
export async function inTransaction<T>(
  pool: Pick<Pool, 'connect'>,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => (broken = true));
    throw error;
  } finally {
    client.release(broken);
  }
}
