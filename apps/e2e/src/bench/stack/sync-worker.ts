import { randomUUID } from 'node:crypto';
import { databaseEnv, eventually, freePort } from '@isthmus/testing';
import { Pool } from 'pg';
import { ServiceProcess } from '../../platform/service-process.ts';
import { atEnd } from './processes.ts';
import { type SyncStack, tenantId } from './sync-stack.ts';

export interface SyncResult {
  /** From the first request for a list page to the commit of the last page, according to the database's clock. */
  listingMs: number;
  counts: Record<string, number>;
}

/** The lock of libs/messaging: whoever holds it in a database relays its outbox. */
const relayLock = 4_915_001;

/** A real sync worker with a database of its own. */
export interface SyncingWorker {
  databaseUrl: string;
  pool: Pool;
  process: ServiceProcess;
  /** Requests a full sync, of the subscriptions by default, and waits for its end. */
  sync(
    depth?: 'full' | 'incremental' | 'scrub',
    scope?: 'subscriptions' | 'reports' | 'accounts',
  ): Promise<SyncResult>;
  stop(): Promise<void>;
}

export interface WorkerOptions {
  /** That of an earlier worker; a new one if left out. */
  databaseUrl?: string;
  env?: Record<string, string>;
  /** Whether it traces, 10 % sampled, as by default; otherwise it has no collector. */
  traces?: boolean;
  /**
   * `here` (default): the worker itself publishes its events to JetStream while it syncs. `later`: as if another process of
   * account-sync held the relay's lock and lagged behind; the events wait in the outbox.
   */
  relay?: 'here' | 'later';
}

const collector = 'OTEL_EXPORTER_OTLP_ENDPOINT';

export async function startWorker(
  stack: SyncStack,
  { databaseUrl, env, traces = true, relay = 'here' }: WorkerOptions = {},
): Promise<SyncingWorker> {
  const url = databaseUrl ?? (await stack.databases.fresh('account_sync', stack.template));
  // One connection: its session holds the lock, if there is one.
  const pool = new Pool({ connectionString: url, max: 1, idleTimeoutMillis: 0 });
  pool.on('error', () => undefined);
  await pool.query(
    `insert into connectors (connector_id, tenant_id, name, currency, status, schedule, version)
     values ($1, $2, 'Benchmark', 'USD', 'active', '{"tickMinutes":0,"sweepMinutes":0,"accountsMinutes":0}', 1)
     on conflict do nothing`,
    [stack.connectorId, tenantId],
  );
  if (relay === 'later') await pool.query('select pg_advisory_lock($1)', [relayLock]);
  const { [collector]: endpoint, ...common } = stack.workerEnv;
  const worker = new ServiceProcess('worker', 'apps/account-sync/dist/worker.js', {
    ...common,
    ...(traces && { [collector]: endpoint! }),
    PORT: String(await freePort()),
    ...databaseEnv('account-sync', url),
    ...env,
  });
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= worker.stop().then(() => pool.end()));
  atEnd(stop);
  await worker.start();
  return {
    databaseUrl: url,
    pool,
    process: worker,
    sync: (depth = 'full', scope = 'subscriptions') => sync(pool, stack, depth, scope),
    stop,
  };
}

/** How long the listing phase of a full sync into an empty mirror takes, in ms. */
export async function timeFirstSync(
  stack: SyncStack,
  subscriptions: number,
  options: WorkerOptions,
): Promise<number> {
  const worker = await startWorker(stack, options);
  try {
    const { listingMs, counts } = await worker.sync();
    if (counts.appeared !== subscriptions)
      throw new Error(`Not everything was read: ${JSON.stringify(counts)}`);
    return listingMs;
  } finally {
    await worker.stop();
    await stack.databases.drop(worker.databaseUrl);
  }
}

async function sync(
  pool: Pool,
  { connectorId }: SyncStack,
  depth: string,
  scope: string,
): Promise<SyncResult> {
  const id = randomUUID();
  await pool.query(
    `insert into sync_runs (id, tenant_id, connector_id, scope, depth, trigger, requested_by, status, counts, enqueued_at, created_at)
     values ($1, $2, $3, $5, $4, 'person', 'benchmark', 'queued',
       '{"read":0,"appeared":0,"changed":0,"ended":0,"unchanged":0,"setAside":0,"skipped":0,"failed":0,"calls":0}',
       now(), now())`,
    [id, tenantId, connectorId, depth, scope],
  );
  await pool.query('notify sync_runs_due');
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
    { withinMs: 1_800_000, everyMs: 50 },
  );
  if (run.status !== 'succeeded')
    throw new Error(`The run ended as ${run.status}: ${JSON.stringify(run.failure)}`);
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
