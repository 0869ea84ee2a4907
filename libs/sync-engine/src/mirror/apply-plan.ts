import { audit, inTransaction, jobActor } from '@isthmus/service-kit';
import { emitMany, type NewEvent, type SqlClient } from '@isthmus/messaging';
import type { Pool, PoolClient } from 'pg';
import { ConnectorNotFound, type ConnectorPause, ConnectorPaused } from '../connectors/connectors.ts';
import { dropPlans, refuse, startRun } from '../runs/run-actions.ts';
import type { Phase } from '../runs/run-executor.ts';
import {
  addCounts,
  type PlanDifference,
  PlanOutdated,
  type PlanRow,
  RunActionRefused,
  type RunCounts,
  type RunRecord,
} from '../runs/run.ts';
import { writeRecords } from './apply-records.ts';
import { changesOf, type Difference } from './compare-records.ts';
import { type ChangeOrigin, type Mirror, type MirrorOwner, mirrorRow, mirrorStatements } from './mirror.ts';
import { writeMissing } from './mirror-listing.ts';

/** A mirror whose planned records can be applied. */
interface PlanMirror {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- mirrors of different kinds of records
  mirror: Mirror<any>;
  /** SQL over the alias `m`: when CMP was last read for the row, if that is stored without a new version. */
  confirmedSql?: string;
  /** Further effects of the records that were read, in the same transaction. */
  after?: (client: PoolClient, values: readonly unknown[], origin: ChangeOrigin) => Promise<NewEvent[]>;
}

/** Mirrors by name; applied in this order. */
export type PlanMirrors = Readonly<Record<string, PlanMirror>>;

const planTarget = (planId: string): string => `plan:${planId}`;

/** The plan that a run applies; undefined for any other run. */
export const appliedPlanId = (target: string): string | undefined =>
  target.startsWith('plan:') ? target.slice('plan:'.length) : undefined;

interface Plan extends MirrorOwner {
  scope: string;
  depth: string;
  target: string;
  createdAt: Date | string;
  /** Number of records it would change. */
  changes: number;
}

/**
 * Starts the run that writes a plan as shown, in the caller's transaction, or returns the run that is already doing so.
 * @throws RunNotFound; RunActionRefused when it is not a plan or is not ready; PlanOutdated when what it was compared with has changed;
 *   ConnectorNotFound, ConnectorPaused
 */
export async function startApplying(
  client: SqlClient,
  mirrors: PlanMirrors,
  { tenantId, planId, by }: { tenantId: string; planId: string; by: string },
): Promise<string> {
  const plan = await lockPlan(client, tenantId, planId);
  if (!plan) return refuse(client, tenantId, planId, 'apply');
  const { rows } = await client.query<{ id: string }>(
    `select id from sync_runs where tenant_id = $1 and connector_id = $2 and target = $3 and status in ('queued', 'running', 'succeeded')`,
    [tenantId, plan.connectorId, planTarget(planId)],
  );
  if (rows[0]) return rows[0].id;
  await requireConnector(client, plan);
  await requireRows(client, mirrors, planId, plan);
  await refuseOutdated(client, mirrors, plan, planId);
  const { connectorId, scope, depth } = plan;
  const request = { tenantId, connectorId, scope, depth, target: planTarget(planId) };
  const { id } = await startRun(client, { ...request, trigger: 'person', requestedBy: by });
  const after = { runId: id, connectorId, scope, depth, changes: plan.changes };
  await audit(client, {
    ...{ tenantId, action: 'sync-run.apply', thing: ['sync-run', planId], after },
    by: jobActor(by),
  });
  return id;
}

async function lockPlan(client: SqlClient, tenantId: string, planId: string): Promise<Plan | undefined> {
  const { rows } = await client.query<Plan>(
    `select tenant_id as "tenantId", connector_id as "connectorId", scope, depth, target, created_at as "createdAt",
       (counts->>'appeared')::int + (counts->>'changed')::int + (counts->>'ended')::int as changes
     from sync_runs where id = $1 and tenant_id = $2 and not apply and status = 'succeeded' for update`,
    [planId, tenantId],
  );
  return rows[0];
}

async function requireConnector(client: SqlClient, { tenantId, connectorId }: MirrorOwner): Promise<void> {
  const { rows } = await client.query<{ status: string; paused: ConnectorPause | null }>(
    'select status, paused from connectors where connector_id = $1 and tenant_id = $2 for share',
    [connectorId, tenantId],
  );
  if (!rows[0] || rows[0].status === 'removed') throw new ConnectorNotFound(connectorId);
  if (rows[0].status === 'paused') throw new ConnectorPaused(connectorId, rows[0].paused);
}

async function requireRows(
  client: SqlClient,
  mirrors: PlanMirrors,
  planId: string,
  { changes }: Plan,
): Promise<void> {
  const { rows } = await client.query<{ kept: boolean; writes: boolean }>(
    `select exists (select from sync_plan_batches where run_id = $1) as kept, exists (
       select from sync_plan_batches b cross join lateral json_to_recordset(b.rows) as p(mirror text)
       where b.run_id = $1 and p.mirror = any($2)) as writes`,
    [planId, Object.keys(mirrors)],
  );
  const { kept, writes } = rows[0]!;
  if (!kept && changes > 0)
    throw new PlanOutdated(
      planId,
      [],
      0,
      'its data is no longer stored: it is too old, or was rejected before.',
    );
  if (!writes)
    throw new RunActionRefused(
      planId,
      'succeeded',
      'apply',
      'There is nothing to do. To read CMP again, start a new run.',
      `Plan ${planId} has no change to write.`,
    );
}

const shownDifferences = 20;

/** @throws PlanOutdated if a row no longer has the version that the plan was created for, or has been read from CMP since. */
async function refuseOutdated(
  client: SqlClient,
  mirrors: PlanMirrors,
  plan: Plan,
  planId: string,
): Promise<void> {
  const later = await laterRun(client, plan);
  const differs: PlanDifference[] = [];
  let total = 0;
  for (const [name, planned] of Object.entries(mirrors)) {
    const { rows } = await client.query<PlanRow & { total: number }>(
      `select *, count(*) over ()::int as total from (
         select distinct on (p.id) p.id, p."cmpId", p.version, p."asOf", p.value, b.seq
         from sync_plan_batches b
           cross join lateral json_to_recordset(b.rows) as p(mirror text, id uuid, "cmpId" text, version int, "asOf" text, value text)
           left join ${planned.mirror.table} m on m.id = p.id
         where b.run_id = $1 and p.mirror = $2 and (m.version is distinct from p.version
           ${planned.confirmedSql ? `or ${planned.confirmedSql} > p."asOf"::timestamptz` : ''})
         order by p.id, b.seq desc) as latest
       order by seq limit ${shownDifferences}`,
      [planId, name],
    );
    total += rows[0]?.total ?? 0;
    differs.push(...(await explain(client, plan, planned.mirror, rows)));
  }
  if (!total && later)
    differs.push({
      kind: 'sync-run',
      cmpId: later,
      reason: 'read all of it from CMP after the plan was created',
    });
  if (differs.length) throw new PlanOutdated(planId, differs.slice(0, shownDifferences), Math.max(total, 1));
}

/** A complete run of the same kind that has read CMP since: the records that it left unchanged no longer match the plan. */
async function laterRun(client: SqlClient, plan: Plan): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>(
    `select id from sync_runs where tenant_id = $1 and connector_id = $2 and scope = $3 and depth = 'full' and target in ('', $4)
       and apply and complete and status = 'succeeded' and started_at > $5 order by started_at desc limit 1`,
    [plan.tenantId, plan.connectorId, plan.scope, plan.target, plan.createdAt],
  );
  return rows[0]?.id;
}

async function explain<T>(
  client: SqlClient,
  owner: MirrorOwner,
  mirror: Mirror<T>,
  rows: readonly PlanRow[],
): Promise<PlanDifference[]> {
  const read = rows.flatMap(({ value }) => (value ? [mirrorRow(mirror, owner, JSON.parse(value) as T)] : []));
  const found = await changesOf(client, mirror, mirrorStatements(mirror), read);
  const now = new Map(found.map((difference) => [difference.row.id, difference]));
  return rows.map(({ id, cmpId, value }) => ({
    kind: mirror.kind,
    cmpId,
    reason: value ? outdatedBecause(now.get(id)) : 'has changed since a listing of CMP no longer had it',
  }));
}

function outdatedBecause<T>(difference: Difference<T> | undefined): string {
  if (!difference) return 'is already as in the plan';
  if (difference.kind === 'appeared') return 'is no longer there, or was not announced';
  const shown = difference.changes
    .map(({ field, from, to }) => `${field} is ${print(from)} here, ${print(to)} in the plan`)
    .join(', ');
  return shown || 'was read again since';
}

const print = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** Writes a plan with its events in one transaction, completely or not at all. If anything has changed since the run was started, the run ends. */
export const applyPlanPhase = (mirrors: PlanMirrors): Phase => ({
  name: 'apply plan',
  async run(context) {
    const planId = appliedPlanId(context.run.target)!;
    const { run } = context;
    const plan = await inTransaction(context.pool, (client) => lockPlan(client, run.tenantId, planId));
    if (!plan) throw new PlanOutdated(planId, [], 0);
    const written = context.commit({
      done: 1,
      total: 1,
      write: async (client) => {
        await lockRows(client, mirrors, planId);
        await refuseOutdated(client, mirrors, plan, planId);
        const records: RunRecord[] = [];
        let counts: Partial<RunCounts> = {};
        for (const name of Object.keys(mirrors)) {
          for await (const batch of plannedBatches(client, planId, name)) {
            const written = await writeBatch(client, mirrors[name]!, batch, run);
            records.push(...written.records);
            counts = addCounts(counts, written.counts);
          }
        }
        await dropPlans(client, [planId]);
        return { records, counts };
      },
    });
    await droppingRefused(context.pool, planId, written);
  },
});

/** A plan that is out of date stays out of date: what it has read is of no further use. */
export async function droppingRefused<T>(pool: Pool, planId: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof PlanOutdated) await dropPlans(pool, [planId]);
    throw error;
  }
}

async function lockRows(client: PoolClient, mirrors: PlanMirrors, planId: string): Promise<void> {
  for (const table of new Set(Object.values(mirrors).map(({ mirror }) => mirror.table)))
    await client.query(
      `select from ${table} m where m.id in (
         select (p->>'id')::uuid from sync_plan_batches b cross join lateral json_array_elements(b.rows) p where b.run_id = $1)
       order by m.id for update`,
      [planId],
    );
}

/** The planned records of one mirror, grouped by reading. */
async function* plannedBatches(client: PoolClient, planId: string, name: string): AsyncGenerator<PlanRow[]> {
  const { rows: batches } = await client.query<{ seq: number }>(
    'select seq from sync_plan_batches where run_id = $1 order by seq',
    [planId],
  );
  for (const { seq } of batches) {
    const { rows } = await client.query<{ rows: PlanRow[] }>(
      'select rows from sync_plan_batches where run_id = $1 and seq = $2',
      [planId, seq],
    );
    const own = (rows[0]?.rows ?? []).filter(({ mirror }) => mirror === name);
    if (own.length) yield own;
  }
}

async function writeBatch(
  client: PoolClient,
  { mirror, after }: PlanMirror,
  batch: readonly PlanRow[],
  { tenantId, connectorId }: MirrorOwner,
): Promise<{ records: readonly RunRecord[]; counts: Partial<RunCounts> }> {
  const origin = { tenantId, connectorId, asOf: batch[0]!.asOf };
  const values = batch.flatMap(({ value }) => (value ? [JSON.parse(value) as unknown] : []));
  const missing = batch.filter(({ value }) => !value);
  const written = await writeRecords(client, mirror, origin, values);
  const ended = missing.length
    ? await writeMissing(
        client,
        mirror,
        missing.map(({ id }) => id),
        origin,
      )
    : { events: [] };
  const more = values.length ? ((await after?.(client, values, origin)) ?? []) : [];
  await emitMany(client, [...(written.events ?? []), ...ended.events, ...more]);
  return {
    records: [
      ...(written.records ?? []),
      ...missing.map(({ cmpId }) => ({
        kind: mirror.kind,
        cmpId,
        result: 'ended' as const,
        reason: 'no longer listed by CMP',
      })),
    ],
    counts: addCounts(written.counts ?? {}, { ended: missing.length }),
  };
}
