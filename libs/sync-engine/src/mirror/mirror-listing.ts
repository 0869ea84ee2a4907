import type { NewEvent } from '@isthmus/messaging';
import type { PoolClient } from 'pg';
import type { RunContext } from '../runs/run-context.ts';
import { ApprovalNeeded, allowedEndings } from '../runs/run.ts';
import type { ChangeOrigin, Mirror } from './mirror.ts';
import { type Sweep, sweepListing, type SweepOutcome } from './sweep-listing.ts';

/** SQL over the alias `m` that narrows the mirror to what the listing covers; its values start at $3. */
export interface Coverage {
  where?: string;
  values?: unknown[];
}

/** Live records that a run moves to other customers: how many so far, and how many are allowed. */
export interface MoveBudget {
  count: number;
  limit: number;
}

/** Finds out which of the records that a listing no longer has still exist at CMP, e.g. under another account; by our ids. */
export type FindRelocated = (
  missing: readonly Missing[],
  moves: MoveBudget,
) => Promise<{ elsewhere: ReadonlySet<string>; moved: number }>;

/**
 * Reads a whole listing into its mirror and ends the records that a complete listing no longer contains. Throws `ApprovalNeeded`,
 * with the plan in the run's records, if that would end or move more live records than the breaker allows.
 */
export async function mirrorListing<T>(
  context: RunContext,
  sweep: Sweep<T>,
  coverage: Coverage = {},
  findRelocated?: FindRelocated,
): Promise<void> {
  const { run } = context;
  const live = await countLive(context, sweep.mirror, coverage);
  const outcome = await sweepListing(context, sweep, live);
  if (!outcome.proof.complete) context.complete = false;

  const candidates = await findMissingAfter(context, sweep.mirror, outcome, coverage);
  const moves = {
    count: outcome.state?.moved ?? 0,
    limit: allowedEndings(context.breaker, live, run.movesApproved),
  };
  const further = candidates.length ? await findRelocated?.(candidates, moves) : undefined;
  const moved = further?.moved ?? moves.count;
  const missing = candidates.filter(({ id }) => !further?.elsewhere.has(id));
  const end = (outcome.state?.ended ?? 0) + missing.filter((row) => row.live).length;
  const limit = allowedEndings(context.breaker, live, run.endingsApproved);
  const held = outcome.state?.held || end > limit || moved > moves.limit;
  await endRows(context, sweep.mirror, missing, outcome.state, { plan: held || !run.apply });
  if (!held || !run.apply) return;
  const tooMany = moved > moves.limit && { moved: { count: moved, of: live, limit: moves.limit } };
  throw new ApprovalNeeded({ end, of: live, limit, ...tooMany }, sweep.mirror.kind);
}

/** Absence must be proven: by a complete listing in which every record had an id and every id was stored here. */
async function findMissingAfter<T>(
  context: RunContext,
  mirror: Mirror<T>,
  { proof, state }: SweepOutcome,
  coverage: Coverage,
): Promise<Missing[]> {
  if (!proof.complete || (state?.unidentified ?? 0) > 0) return [];
  const { rows } = await context.pool.query<{ n: number }>(
    'select coalesce(sum(cardinality(ids)), 0)::int as n from sync_seen where run_id = $1 and seq >= $2',
    [context.run.id, context.phaseStart],
  );
  if (rows[0]!.n !== (state?.seen ?? 0)) {
    context.complete = false;
    return [];
  }
  return findMissing(context, mirror, coverage);
}

async function countLive<T>(
  { pool, run }: RunContext,
  mirror: Mirror<T>,
  { where, values = [] }: Coverage,
): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from ${mirror.table} m
     where m.tenant_id = $1 and m.connector_id = $2 and m.gone_at is null and ${mirror.liveSql} ${where ? `and (${where})` : ''}`,
    [run.tenantId, run.connectorId, ...values],
  );
  return rows[0]!.n;
}

interface Missing {
  id: string;
  cmp_id: string;
  /** False for a record that had already ended by its own status: its absence changes nothing. */
  live: boolean;
  version: number;
}

const batchSize = 500;

/**
 * The rows of the mirror that the listing covers and the run has not seen. One pass over both, as sets: as an anti-join, it was
 * compared row by row with every seen id, for minutes, whenever PostgreSQL had no statistics yet of the tables the run had just filled.
 */
async function findMissing<T>(
  { pool, run, phaseStart }: RunContext,
  mirror: Mirror<T>,
  { where, values = [] }: Coverage,
): Promise<Missing[]> {
  const missing = await pool.query<{ id: string }>(
    `select m.id from ${mirror.table} m
     where m.tenant_id = $1 and m.connector_id = $2 and m.gone_at is null ${where ? `and (${where})` : ''}
     except select unnest(ids) from sync_seen where run_id = $${values.length + 3} and seq >= $${values.length + 4}`,
    [run.tenantId, run.connectorId, ...values, run.id, phaseStart],
  );
  if (!missing.rows.length) return [];
  const { rows } = await pool.query<Missing>(
    `select m.id, m.cmp_id, m.version, ${mirror.liveSql} as live from ${mirror.table} m
     where m.id = any($1) and m.gone_at is null order by m.cmp_id`,
    [missing.rows.map(({ id }) => id)],
  );
  return rows;
}

/** Marks rows as removed, with their events; with `plan` it only records that they would be. */
async function endRows<T>(
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

/** Marks rows as removed, with an event for each that was live and whose first event had been published. */
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
  await mirror.afterNoLongerListed?.(
    client,
    rows.map((row) => String(row.id)),
    origin,
  );
  return { events: rows.flatMap((row) => (row.is_news ? [mirror.noLongerListed(row, origin)] : [])) };
}
