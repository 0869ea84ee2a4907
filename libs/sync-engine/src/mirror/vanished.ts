import type { Mirror } from './mirror.ts';
import type { Coverage } from './mirror-listing.ts';
import type { RunContext } from '../runs/run-context.ts';

export interface Vanished {
  id: string;
  cmp_id: string;
  /** False for one that had ended already by its own status: its absence is no news worth a breaker. */
  live: boolean;
}

const batchSize = 500;

/** Rows of the mirror that the run has not seen, within what its listing covers. */
export async function findVanished<T>(
  { pool, run, phaseStart }: RunContext,
  mirror: Mirror<T>,
  { where, values = [] }: Coverage,
): Promise<Vanished[]> {
  const { rows } = await pool.query<Vanished>(
    `select m.id, m.cmp_id, ${mirror.liveSql} as live from ${mirror.table} m
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
  vanished: readonly Vanished[],
  state: unknown,
  { plan }: { plan: boolean },
): Promise<void> {
  const { run } = context;
  for (let from = 0; from < vanished.length; from += batchSize) {
    const batch = vanished.slice(from, from + batchSize);
    await context.commit({
      state,
      done: from + batch.length,
      total: vanished.length,
      counts: { ended: batch.length },
      records: batch.map((row) => ({
        kind: mirror.kind,
        cmpId: row.cmp_id,
        result: 'ended',
        reason: 'no longer listed by CMP',
      })),
      write: plan
        ? undefined
        : async (client) => {
            const asOf = new Date().toISOString();
            const { rows } = await client.query<Record<string, unknown>>(
              `update ${mirror.table} m set gone_at = now(), read_at = $2, version = m.version + 1
               where m.id = any($1) and m.gone_at is null returning m.*`,
              [batch.map((row) => row.id), asOf],
            );
            const origin = { tenantId: run.tenantId, connectorId: run.connectorId, asOf };
            await mirror.alongsideVanished?.(
              client,
              rows.map((row) => String(row.id)),
              origin,
            );
            return { events: rows.map((row) => mirror.vanished(row, origin)) };
          },
    });
  }
}
