import type { EntityManager } from '@mikro-orm/postgresql';
import type { Statements } from '@isthmus/messaging';
import type { QueryResult } from 'pg';

type Compiled = Parameters<ReturnType<EntityManager['getKysely']>['executeQuery']>[0];
type Statement = string | { text: string; values?: unknown[] };

/**
 * The transaction of an entity manager as a client for statements with `$1` parameters, so that what `startRun` and
 * `emitMany` write commits together with the entities. `em.execute` will not do: it spells arrays out as lists.
 * Timestamps and dates come back as text here, where a pooled connection makes dates of them.
 */
export function clientOf(em: EntityManager): Statements {
  const query = async (
    statement: Statement,
    given?: unknown[],
  ): Promise<Pick<QueryResult, 'rows' | 'rowCount'>> => {
    const { text, values = given ?? [] } = typeof statement === 'string' ? { text: statement } : statement;
    const { rows, numAffectedRows } = await em.getKysely().executeQuery(compiled(text, values));
    return { rows, rowCount: Number(numAffectedRows ?? rows.length) };
  };
  return { query } as unknown as Statements;
}

let queries = 0;

const compiled = (sql: string, parameters: unknown[]): Compiled => ({
  sql,
  parameters,
  query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
  queryId: { queryId: `isthmus-${(queries += 1)}` },
});
