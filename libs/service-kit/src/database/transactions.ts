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

type Compiled = Parameters<ReturnType<EntityManager['getKysely']>['executeQuery']>[0];
type Statement = string | { text: string; name?: string; values?: unknown[] };

/**
 * The transaction of an entity manager as a client for statements with `$1` parameters, so that what `startRun` and
 * `emitMany` write commits together with the entities. `em.execute` will not do: it spells arrays out as lists.
 * Timestamps and dates come back as text here, where a pooled connection makes dates of them.
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
