import { endingsAllowed } from './breaker.ts';
import type { Mirror } from './mirror.ts';
import type { RunContext } from '../runs/run-context.ts';
import { sweepListing, type Sweep, type SweepOutcome } from './sweep-listing.ts';
import { ApprovalNeeded } from '../runs/sync.errors.ts';
import { endRows, findMissing, type Missing } from './no-longer-listed.ts';

/** SQL over alias `m` that narrows the mirror to what the listing covers, with its values from $3 on. */
export interface Coverage {
  where?: string;
  values?: unknown[];
}

/** Tells which of the records that a listing no longer has are still at CMP, e.g. under another account; our ids. */
export type LookFurther = (missing: readonly Missing[]) => Promise<ReadonlySet<string>>;

/**
 * Reads a whole listing into its mirror and ends what a complete one no longer shows. Throws `ApprovalNeeded`, with the plan in the
 * run's records, when that would end more live records than the breaker allows.
 */
export async function mirrorListing<T>(
  context: RunContext,
  sweep: Sweep<T>,
  coverage: Coverage = {},
  lookFurther?: LookFurther,
): Promise<void> {
  const { run } = context;
  const live = await countLive(context, sweep.mirror, coverage);
  const outcome = await sweepListing(context, sweep, live);
  if (!outcome.proof.complete) context.complete = false;

  const candidates = await missingAfter(context, sweep.mirror, outcome, coverage);
  const elsewhere = candidates.length ? await lookFurther?.(candidates) : undefined;
  const missing = candidates.filter(({ id }) => !elsewhere?.has(id));
  const end = (outcome.state?.ended ?? 0) + missing.filter((row) => row.live).length;
  const limit = endingsAllowed(context.breaker, live, run.endingsApproved);
  const held = outcome.state?.held || end > limit;
  await endRows(context, sweep.mirror, missing, outcome.state, { plan: held || !run.apply });
  if (held && run.apply) throw new ApprovalNeeded({ end, of: live, limit }, sweep.mirror.kind);
}

/** Absence must be proven: by a complete listing, of which every record had an id and every id is on record here. */
async function missingAfter<T>(
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
