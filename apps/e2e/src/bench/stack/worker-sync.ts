import { randomUUID } from 'node:crypto';
import { eventually, freePort } from '@isthmus/testing';
import { Pool } from 'pg';
import { ServiceProcess } from '../../platform/service-process.ts';
import { tenantId, type SyncStack } from './sync-stack.ts';

export interface SyncResult {
  /** From the first call for a list page to the last page's commit, by the database's clock. */
  listingMs: number;
  counts: Record<string, number>;
}

/** A real sync worker over a database of its own. */
export interface SyncingWorker {
  databaseUrl: string;
  pool: Pool;
  process: ServiceProcess;
  /** Asks for a whole sync of the subscriptions and waits for its end. */
  sync(depth?: 'full' | 'incremental'): Promise<SyncResult>;
  stop(): Promise<void>;
}

export async function startWorker(
  stack: SyncStack,
  { databaseUrl, env }: { databaseUrl?: string; env?: Record<string, string> } = {},
): Promise<SyncingWorker> {
  const url = databaseUrl ?? (await stack.databases.fresh('account_sync', stack.template));
  const pool = new Pool({ connectionString: url, max: 2 });
  pool.on('error', () => undefined);
  await pool.query(
    `insert into connectors (connector_id, tenant_id, name, currency, status, schedule, version)
     values ($1, $2, 'Benchmark', 'USD', 'active', '{"tickMinutes":0,"sweepMinutes":0,"accountsMinutes":0}', 1)
     on conflict do nothing`,
    [stack.connectorId, tenantId],
  );
  const worker = new ServiceProcess('worker', 'apps/account-sync/dist/worker.js', {
    ...stack.workerEnv,
    PORT: String(await freePort()),
    DATABASE_URL: url,
    ...env,
  });
  await worker.start();
  return {
    databaseUrl: url,
    pool,
    process: worker,
    sync: (depth = 'full') => sync(pool, stack.connectorId, depth),
    async stop() {
      await worker.stop();
      await pool.end();
    },
  };
}

/** Leaves a run in the table as one whose work item was lost: the worker's own schedule finds and queues it. */
async function sync(pool: Pool, connectorId: string, depth: string): Promise<SyncResult> {
  const id = randomUUID();
  await pool.query(
    `insert into sync_runs (id, tenant_id, connector_id, scope, depth, trigger, requested_by, status, counts, enqueued_at, created_at)
     values ($1, $2, $3, 'subscriptions', $4, 'person', 'benchmark', 'queued',
       '{"read":0,"appeared":0,"changed":0,"ended":0,"unchanged":0,"setAside":0,"skipped":0,"failed":0,"calls":0}',
       now() - interval '1 hour', now())`,
    [id, tenantId, connectorId, depth],
  );
  const phases = new Map<string, number>();
  const run = await eventually(
    async () => {
      const { rows } = await pool.query(
        `select status, phase, extract(epoch from phase_started_at)::float8 as at, counts, failure from sync_runs where id = $1`,
        [id],
      );
      const [row] = rows as [RunRow];
      if (row.phase) phases.set(row.phase, row.at);
      return ['queued', 'running'].includes(row.status) ? undefined : row;
    },
    { withinMs: 600_000, everyMs: 50 },
  );
  if (run.status !== 'succeeded')
    throw new Error(`The run ended ${run.status}: ${JSON.stringify(run.failure)}`);
  return { listingMs: listingTime(phases), counts: run.counts };
}

interface RunRow {
  status: string;
  phase: string | null;
  at: number;
  counts: Record<string, number>;
  failure: unknown;
}

function listingTime(phases: ReadonlyMap<string, number>): number {
  const begun = phases.get('listing');
  const ended = phases.get('details') ?? phases.get('touched');
  return begun === undefined || ended === undefined ? NaN : (ended - begun) * 1000;
}
