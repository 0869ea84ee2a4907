import { randomUUID } from 'node:crypto';
import { CallBudget, CmpClient, type CmpConnection, type CmpReport } from '@isthmus/cmp-client';
import { countCall } from '@isthmus/cmp-connections';
import {
  defaultAccounts,
  type RunningSimulator,
  type SimulatorOptions,
  startSimulator,
} from '@isthmus/cmp-simulator';
import { createService, inTenant, inTransaction, ServiceEnv } from '@isthmus/service-kit';
import {
  claimRun,
  executeRun,
  type LeasedRun,
  type RunRequest,
  startRun,
  type SyncService,
} from '@isthmus/sync-engine';
import { serviceDatabase, testIssuer } from '@isthmus/testing';
import { MikroORM } from '@mikro-orm/postgresql';
import { Module } from '@nestjs/common';
import { Pool } from 'pg';
import { database } from '../src/database.ts';
import { runEvents } from '../src/sync/sync-run.events.ts';
import { phasesOf } from '../src/sync/run.phase.ts';
import { WorkerEnv } from '../src/worker.config.ts';

@Module({})
class NoModule {}

/** The sync itself on a real database against the simulator, without workers and services around it. */
export interface Syncing {
  pool: Pool;
  /** What a worker needs to work on runs. */
  service: SyncService;
  simulator: RunningSimulator;
  tenantId: string;
  connectorId: string;
  paused: string[];
  /** Starts (or joins) a run and works on it to its end; returns its row. */
  run(request: Partial<RunRequest>): Promise<RunRow>;
  start(request: Partial<RunRequest>): Promise<string>;
  work(runId: string, service?: Partial<SyncService>): Promise<RunRow>;
  /** Makes another connector, for the simulator's account of that marketplace, with other credentials if given. */
  connector(tenantId: string, marketplace: 'us' | 'uk', credentials?: Partial<Credentials>): Promise<string>;
  /** Rows in the outbox since the last call, by type. */
  eventCounts(): Promise<Record<string, number>>;
  /** CMP as the tenant's first connector sees it. */
  cmp(): CmpClient;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- rows of any query of a spec
  one<T = any>(sql: string, values?: unknown[]): Promise<T>;
  stop(): Promise<void>;
}

type Credentials = Pick<CmpConnection, 'password' | 'subscriptionKey' | 'marketplace' | 'apiUrl'>;

export interface RunRow {
  id: string;
  status: string;
  counts: Record<string, number>;
  complete: boolean | null;
  failure: { code: string; detail: string; nextStep: string; correlationId?: string } | null;
  breaker: {
    end: number;
    of: number;
    limit: number;
    seats?: { fewer: number; of: number; limit: number };
    moved?: { count: number; of: number; limit: number };
  } | null;
  waiting: unknown;
}

export async function startSyncing(
  options: SimulatorOptions = {},
  env: Partial<WorkerEnv> = {},
): Promise<Syncing> {
  const simulator = await startSimulator({ limits: { perMinute: null, perDay: null }, ...options });
  const program = { service: 'account-sync', module: NoModule, config: ServiceEnv, database };
  const fresh = await serviceDatabase(program);
  const issuer = await testIssuer();
  const service = await createService(
    { ...program, http: 'health-only' },
    {
      ...issuer.env,
      ...fresh.env,
      NATS_URL: process.env.TEST_NATS_URL,
      LOG_LEVEL: 'silent',
      PORT: '0',
    },
  );
  const tenantId = randomUUID();
  // The superuser sees everything; rows that get the tenant of their transaction get this one.
  const pool = new Pool({ connectionString: fresh.url, options: `-c isthmus.tenant=${tenantId}` });
  // The pool reports its end before its connections have ended, and the database is dropped while the last of them are open.
  pool.on('error', () => undefined);
  const settings = Object.assign(new WorkerEnv(), env);
  const connections = new Map<string, CmpConnection>();
  const clients = new Map<string, CmpClient>();
  const paused: string[] = [];
  let position = 0;

  const clientOf = ({ connectorId }: Pick<LeasedRun, 'connectorId'>) => {
    const client =
      clients.get(connectorId) ??
      new CmpClient(connections.get(connectorId)!, {
        budget: CallBudget.unlimited(),
        onCall: () => countCall(),
      });
    clients.set(connectorId, client);
    return client;
  };
  const own = service.get(Pool);
  const sync: SyncService = {
    pool: own,
    orm: service.get(MikroORM),
    owner: 'spec',
    breaker: {
      rows: settings.BREAKER_ROWS,
      share: settings.BREAKER_SHARE,
      seats: { rows: settings.BREAKER_SEATS, share: settings.BREAKER_SEAT_SHARE },
    },
    runEvents,
    openCmp: async (run) => ({ client: clientOf(run), budgetState: () => null }),
    phasesOf: (run) => phasesOf(own, run, settings),
    pauseConnector: async (run, { failure }) => void paused.push(`${run.connectorId} ${failure.code}`),
  };

  const syncing: Syncing = {
    pool,
    service: sync,
    simulator,
    tenantId,
    connectorId: '',
    paused,
    async start(request) {
      const { tenantId, connectorId } = syncing;
      const whole: RunRequest = {
        tenantId,
        connectorId,
        scope: 'subscriptions',
        depth: 'full',
        trigger: 'person',
        requestedBy: 'spec',
        ...request,
      };
      const started = () => inTransaction(own, (client) => startRun(client, whole));
      return (await inTenant(whole.tenantId, started)).id;
    },
    async work(runId, other = {}) {
      const service = { ...sync, ...other };
      const leased = await claimRun(own, service.owner, { runId });
      if (leased) await executeRun(service, leased);
      return syncing.one<RunRow>('select * from sync_runs where id = $1', [runId]);
    },
    async run(request) {
      return syncing.work(await syncing.start(request));
    },
    async connector(tenantId, marketplace, credentials = {}) {
      const connectorId = randomUUID();
      const account = defaultAccounts.find((candidate) => candidate.marketplace === marketplace)!;
      connections.set(connectorId, { connectorId, apiUrl: simulator.apiUrl, ...account, ...credentials });
      await pool.query(
        `insert into connectors (connector_id, tenant_id, name, currency, status, schedule, version)
         values ($1, $2, $3, 'USD', 'active', '{"tickMinutes":0,"sweepMinutes":0,"accountsMinutes":0}', 1)`,
        [connectorId, tenantId, marketplace],
      );
      return connectorId;
    },
    async eventCounts() {
      const { rows } = await pool.query<{ type: string; n: number; last: number }>(
        `select type, count(*)::int as n, max(position)::int as last from outbox
         where position > $1 group by type`,
        [position],
      );
      position = Math.max(position, ...rows.map((row) => row.last));
      return Object.fromEntries(
        rows.map((row) => [row.type.replace('account-sync.', '').replace('.v1', ''), row.n]),
      );
    },
    cmp: () => clientOf(syncing),
    one: async (sql, values) => (await pool.query(sql, values)).rows[0],
    async stop() {
      await pool.end();
      await service.close();
      await simulator.close();
      await fresh.drop();
      await issuer.close();
    },
  };
  syncing.connectorId = await syncing.connector(syncing.tenantId, 'us');
  return syncing;
}

export interface Reporting extends Syncing {
  /** Orders a report of last February from CMP and waits until it is there. */
  order(more?: {
    format?: 'csv' | 'json' | 'xlsx';
    name?: string;
    startDate?: string;
    endDate?: string;
  }): Promise<CmpReport>;
  /** The invoice of that number. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a row, for the expectations to say
  invoice(number: string): Promise<any>;
  /** A run over reports. */
  read(depth?: string): Promise<RunRow>;
  /** Data of the invoice-imported events since the last call. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- data of an event, for the expectations to say
  importedInvoices(): Promise<any[]>;
  records(run: RunRow): Promise<{ kind: string; cmpId: string; result: string; reason?: string }[]>;
}

const period = { startDate: '2026-02-01T00:00:00Z', endDate: '2026-02-28T23:59:59Z' };
export const reportName = 'Every Invoice - Subscriptions';
export const usageName = 'Every Invoice - Usage';

/** A CMP whose accounts and subscriptions have been read, and whose reports are to be. */
export async function startReporting(env: object = {}): Promise<Reporting> {
  const sync = await startSyncing(
    { now: '2026-03-10T09:00:00Z', orderDelaySeconds: 10 },
    { REPORT_DAYS: 36_500, ...env },
  );
  await sync.run({ scope: 'accounts' });
  await sync.run({ scope: 'subscriptions' });
  let position = 0;
  return Object.assign(sync, {
    async order(more = {}) {
      const { id } = await sync
        .cmp()
        .reports.create({ name: reportName, format: 'csv' as const, ...period, ...more });
      await sync.simulator.control.advance(11);
      return sync.cmp().reports.get(id);
    },
    invoice: (number) => sync.one('select * from rated_documents where number = $1', [number]),
    read: (depth = 'full') => sync.run({ scope: 'reports', depth }),
    async importedInvoices() {
      const { rows } = await sync.pool.query(
        `select position, data from outbox where position > $1 and type = 'account-sync.invoice-imported.v1' order by position`,
        [position],
      );
      position = rows.at(-1)?.position ?? position;
      return rows.map(({ data }) => data);
    },
    async records({ id }: RunRow) {
      const { rows } = await sync.pool.query(
        `select r.value as record from sync_run_batches b, json_array_elements(b.records) r where run_id = $1 order by seq`,
        [id],
      );
      return rows.map(({ record }) => record);
    },
  } satisfies Partial<Reporting>);
}
