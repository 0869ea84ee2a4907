import type { NewEvent } from '@isthmus/messaging';
import type { PoolClient } from 'pg';
import type { ChangeOrigin, Mirror } from './mirror.ts';
import type { Coverage } from './mirror-listing.ts';
import type { RunContext } from '../runs/run-context.ts';

export interface Missing {
  id: string;
  cmp_id: string;
  /** False for one that had ended already by its own status: its absence is no news. */
  live: boolean;
  version: number;
}

const batchSize = 500;

/** Rows of the mirror that the run has not seen, within what its listing covers. */
export async function findMissing<T>(
  { pool, run, phaseStart }: RunContext,
  mirror: Mirror<T>,
  { where, values = [] }: Coverage,
): Promise<Missing[]> {
  const { rows } = await pool.query<Missing>(
    `select m.id, m.cmp_id, m.version, ${mirror.liveSql} as live from ${mirror.table} m
     where m.tenant_id = $1 and m.connector_id = $2 and m.gone_at is null ${where ? `and (${where})` : ''}
       and not exists (select from (select unnest(ids) as id from sync_seen where run_id = $${values.length + 3} and seq >= $${values.length + 4}) s where s.id = m.id)`,
    [run.tenantId, run.connectorId, ...values, run.id, phaseStart],
  );
  return rows;
}

/** Marks them gone with their events, or with `plan` only records that they would be. */
export async function endRows<T>(
  context: RunContext,
  mirror: Mirror<T>,
  missing: readonly Missing[],
  state: unknown,
  { plan }: { plan: boolean },
): Promise<void> {
  const { run } = context;
  for (let from = 0; from < missing.length; from += batchSize) {
    const batch = missing.slice(from, from + batchSize);
    await context.commit({
      state,
      done: from + batch.length,
      total: missing.length,
      counts: { ended: batch.length },
      records: batch.map((row) => ({
        kind: mirror.kind,
        cmpId: row.cmp_id,
        result: 'ended',
        reason: 'no longer listed by CMP',
      })),
      plan: run.apply
        ? undefined
        : batch.map(({ id, cmp_id: cmpId, version }) => ({
            mirror: mirror.kind,
            id,
            cmpId,
            version,
            asOf: new Date().toISOString(),
          })),
      write: plan
        ? undefined
        : (client) =>
            writeMissing(
              client,
              mirror,
              batch.map(({ id }) => id),
              { tenantId: run.tenantId, connectorId: run.connectorId, asOf: new Date().toISOString() },
            ),
    });
  }
}

/** Marks rows gone. Nothing is said of those that had ended before, nor of those of which nothing was said yet. */
export async function writeMissing<T>(
  client: PoolClient,
  mirror: Mirror<T>,
  ids: readonly string[],
  origin: ChangeOrigin,
): Promise<{ events: NewEvent[] }> {
  const news = `${mirror.liveSql}${mirror.announceSql ? ' and m.announced_version is not null' : ''}`;
  const { rows } = await client.query<Record<string, unknown>>(
    `update ${mirror.table} m set gone_at = now(), read_at = $2, version = m.version + 1
       ${mirror.noLongerListedSql ? `, ${mirror.noLongerListedSql}` : ''}
     where m.id = any($1) and m.gone_at is null returning m.*, ${news} as is_news`,
    [ids, origin.asOf],
  );
  await mirror.alongsideNoLongerListed?.(
    client,
    rows.map((row) => String(row.id)),
    origin,
  );
  return { events: rows.flatMap((row) => (row.is_news ? [mirror.noLongerListed(row, origin)] : [])) };
}
