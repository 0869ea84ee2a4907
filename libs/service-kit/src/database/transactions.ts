import { planOnce, type SqlClient } from '@isthmus/messaging';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool, PoolClient, QueryResult } from 'pg';

/** Runs `work` in a transaction with its own entity manager; commits if it resolves, rolls back if it throws. */
export function transaction<T>(
  orm: { readonly em: EntityManager },
  work: (em: EntityManager) => Promise<T>,
): Promise<T> {
  return orm.em.fork().transactional((em) => work(em as EntityManager));
}

/**
 * Runs `work` in a transaction with plain statements, on a connection of the pool. A connection that cannot even roll back is
 * broken: it is closed instead of returned.
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

type Compiled = Parameters<ReturnType<EntityManager['getKysely']>['executeQuery']>[0];
type Statement = string | { text: string; name?: string; values?: unknown[] };

/**
 * The transaction of an entity manager as a client for statements with `$1` parameters, so that the writes of `startRun` and
 * `emitMany` commit together with the entities. `em.execute` is not suitable: it expands arrays to lists. Timestamps and dates
 * are returned as strings here, whereas a pooled connection converts them to dates.
 */
export function clientIn(em: EntityManager): SqlClient {
  const query = async (
    statement: Statement,
    given?: unknown[],
  ): Promise<Pick<QueryResult, 'rows' | 'rowCount'>> => {
    const {
      text,
      name,
      values = given ?? [],
    } = typeof statement === 'string' ? { text: statement } : statement;
    if (name) planOnce(text, name);
    const { rows, numAffectedRows } = await em.getKysely().executeQuery(compiled(text, values));
    return { rows, rowCount: Number(numAffectedRows ?? rows.length) };
  };
  return { query } as unknown as SqlClient;
}

let queries = 0;

const compiled = (sql: string, parameters: unknown[]): Compiled => ({
  sql,
  parameters,
  query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
  queryId: { queryId: `isthmus-${(queries += 1)}` },
});
