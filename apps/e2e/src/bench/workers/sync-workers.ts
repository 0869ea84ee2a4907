import { databaseEnv, eventually, freePort } from '@isthmus/testing';
import { Pool } from 'pg';
import { ServiceProcess } from '../../platform/service-process.ts';
import { atEnd } from '../stack/processes.ts';
import { type SyncStack, tenantId } from '../stack/sync-stack.ts';
import type { ArrivedCall, Regime } from './limited-cmp.ts';

/** Several sync workers, each a process, with one database of their own. */
export interface SyncWorkers {
  /** Queues a full sync of the subscriptions of every connector. */
  queueRuns(): Promise<void>;
  /**
   * From the moment at which the runs were queued to the end of the last one, in ms by the database's clock.
   * Rejects if one did not succeed, or not at its first attempt.
   */
  untilAllSucceeded(): Promise<number>;
  /** Requests the details of all live subscriptions again; returns how many there are. */
  requestDetails(): Promise<number>;
  stop(): Promise<void>;
}

export async function startWorkers(
  stack: SyncStack,
  connectors: readonly string[],
  count: number,
  env: Record<string, string>,
): Promise<SyncWorkers> {
  const url = await stack.databases.fresh('account_sync', stack.template);
  const pool = new Pool({ connectionString: url, max: 1, idleTimeoutMillis: 0 });
  pool.on('error', () => undefined);
  await pool.query(
    `insert into connectors (connector_id, tenant_id, name, currency, status, schedule, version)
     select id, $2, 'Benchmark', 'USD', 'active', '{"tickMinutes":0,"sweepMinutes":0,"accountsMinutes":0}', 1 from unnest($1::uuid[]) id`,
    [connectors, tenantId],
  );
  const workers: ServiceProcess[] = [];
  for (let n = 0; n < count; n += 1)
    workers.push(
      new ServiceProcess(`worker ${n}`, 'apps/account-sync/dist/worker.js', {
        ...stack.workerEnv,
        SCHEDULE_EVERY_MS: '5000',
        PORT: String(await freePort()),
        ...databaseEnv('account-sync', url),
        ...env,
      }),
    );
  let stopped: Promise<void> | undefined;
  const stop = () =>
    (stopped ??= Promise.all(workers.map((worker) => worker.stop()))
      .then(() => pool.end())
      .then(() => stack.databases.drop(url)));
  atEnd(stop);
  await Promise.all(workers.map((worker) => worker.start()));
  return {
    async queueRuns() {
      await pool.query(
        `insert into sync_runs (id, tenant_id, connector_id, scope, depth, trigger, requested_by, status, counts, enqueued_at, created_at)
         select gen_random_uuid(), $2, id, 'subscriptions', 'full', 'schedule', 'benchmark', 'queued',
           '{"read":0,"appeared":0,"changed":0,"ended":0,"unchanged":0,"setAside":0,"skipped":0,"failed":0,"calls":0}', now(), now()
         from unnest($1::uuid[]) id`,
        [connectors, tenantId],
      );
      await pool.query('notify sync_runs_due');
    },
    async untilAllSucceeded() {
      const { wrong, ms } = await eventually(
        async () => {
          const { rows } = await pool.query<Progress>(
            `select count(*) filter (where status in ('queued', 'running'))::int as open,
               count(*) filter (where status not in ('queued', 'running', 'succeeded') or attempts > 1)::int as wrong,
               extract(epoch from max(finished_at) - min(created_at))::float8 * 1000 as ms
             from sync_runs where created_at = (select max(created_at) from sync_runs)`,
          );
          const [progress] = rows as [Progress];
          return progress.open === 0 || progress.wrong > 0 ? progress : undefined;
        },
        { withinMs: 600_000, everyMs: 100 },
      );
      if (wrong > 0) throw new Error(`${wrong} runs did not succeed at their first attempt.`);
      return ms;
    },
    async requestDetails() {
      const { rowCount } = await pool.query(
        `update provider_subscriptions set detail_wanted_at = now() where gone_at is null and status in ('pending', 'active', 'hold')`,
      );
      return rowCount!;
    },
    stop,
  };
}

interface Progress {
  open: number;
  wrong: number;
  ms: number;
}

/** Connectors of one tenant; with `key`, all of them have that subscription key, and so one call budget. */
export async function createConnectors(
  stack: SyncStack,
  count: number,
  { key, perMinute }: { key?: string; perMinute: number | null },
): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1)
    ids.push(
      await stack.createConnector({
        name: `Benchmark ${key ?? ''} ${n}`,
        accountId: String(1_000_000 + n),
        subscriptionKey: (key ?? `key-of-${n}-`).padEnd(32, '0'),
        callLimit: { perMinute, perDay: null },
      }),
    );
  return ids;
}

/** Has the stand-in for CMP (limited-cmp.ts) behave in this way from now on. */
export async function behave(stack: SyncStack, regime: Regime): Promise<void> {
  await fetch(`${stack.front.url}/regime`, { method: 'PUT', body: JSON.stringify(regime) });
}

export async function forgetCalls(stack: SyncStack): Promise<void> {
  await fetch(`${stack.front.url}/calls`, { method: 'DELETE' });
}

export const arrivedCalls = async (stack: SyncStack): Promise<ArrivedCall[]> =>
  (await (await fetch(`${stack.front.url}/calls`)).json()) as ArrivedCall[];
