import { DomainError } from '@isthmus/domain';
import type { SqlClient } from '@isthmus/messaging';
import type { CursorKey } from '@isthmus/service-kit';
import type { MirrorOwner, RunContext } from '@isthmus/sync-engine';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool, PoolClient } from 'pg';
import { afterPlace } from '../list-query.ts';
import { statements } from '../database.ts';
import { type FixedFormat, noFixedFormat } from './report-file/report-format.ts';

/** A downloaded report for the public API. */
export type RatedReportRow = Awaited<ReturnType<typeof readRatedReport>>;

class RatedReportNotFound extends DomainError {
  static override readonly code = 'rated-report.not-found';
  constructor(readonly reportId: string) {
    super(`There is no rated report ${reportId}.`, {
      nextStep: 'Use an id from GET /v1/rated-reports.',
    });
  }
}

interface RatedReportFilter {
  connectorId?: string;
  status?: 'imported' | 'failed';
}

const selectReports = (em: EntityManager, tenantId: string) =>
  statements(em)
    .selectFrom('RatedReport as r')
    .select([
      'r.id',
      'r.connectorId',
      'r.cmpId as cmpReportId',
      'r.name',
      'r.type',
      'r.format',
      'r.generatedAt',
      'r.periodFrom',
      'r.periodUntil',
      'r.status',
      'r.attempts',
      'r.rows',
      'r.failure',
      'r.unknownChargeTypes',
      'r.readAt',
    ])
    .where('r.tenantId', '=', tenantId);

/** @throws RatedReportNotFound */
export async function readRatedReport(em: EntityManager, tenantId: string, id: string) {
  const row = await selectReports(em, tenantId).where('r.id', '=', id).executeTakeFirst();
  if (!row) throw new RatedReportNotFound(id);
  return row;
}

/** Ordered by time of generation, newest first; returns `limit + 1` rows if there are more pages. */
export const listRatedReports = (
  em: EntityManager,
  tenantId: string,
  { connectorId, status }: RatedReportFilter,
  after: CursorKey | undefined,
  limit: number,
) =>
  selectReports(em, tenantId)
    .$if(connectorId !== undefined, (query) => query.where('r.connectorId', '=', connectorId!))
    .$if(status !== undefined, (query) => query.where('r.status', '=', status!))
    .where(
      afterPlace(
        after,
        [
          ['r.generated_at', 'timestamptz'],
          ['r.id', 'uuid'],
        ],
        '<',
      ),
    )
    .orderBy('r.generatedAt', 'desc')
    .orderBy('r.id', 'desc')
    .limit(limit + 1)
    .execute();

/** A report as CMP lists it. */
export interface ListedReport {
  /** Our id. */
  id: string;
  cmpId: string;
  name: string;
  type?: string;
  format?: string;
  generatedAt: Date;
  periodFrom?: string;
  periodUntil?: string;
}

/** The outcome of a downloaded report. */
interface ReportOutcome extends ListedReport {
  status: 'imported' | 'failed';
  asOf: string;
  rows?: number;
  unknownChargeTypes?: readonly string[];
  failure?: { code: string; detail: string; nextStep: string };
}

/**
 * Counts an attempt to read a report, before its file is opened: a file that crashes the program must not be read for
 * ever. Until it is read it counts as failed, unless it was imported before.
 */
export const beginAttempt = (
  client: PoolClient,
  run: MirrorOwner & { id: string },
  one: ListedReport,
  asOf: string,
): Promise<unknown> =>
  client.query(
    `insert into rated_reports as r (id, tenant_id, connector_id, cmp_id, name, type, format, generated_at, period_from, period_until,
       status, attempts, run_id, run_attempts, failure, read_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'failed', 1, $11, 1, $12, $13)
     on conflict (id) do update set attempts = r.attempts + 1,
       run_attempts = case when r.run_id = excluded.run_id then r.run_attempts else 0 end + 1, run_id = excluded.run_id,
       failure = excluded.failure, read_at = excluded.read_at`,
    [...columnValues(run, one), run.id, JSON.stringify(interrupted(asOf)), asOf],
  );

/** Takes back an attempt that failed for a reason other than the report. */
export const revertAttempt = (
  pool: Pool,
  run: { id: string; tenantId: string },
  reportId: string,
): Promise<unknown> =>
  pool.query(
    `update rated_reports set attempts = attempts - 1, run_attempts = run_attempts - 1
     where tenant_id = $1 and id = $2 and run_id = $3 and run_attempts > 0`,
    [run.tenantId, reportId, run.id],
  );

const interrupted = (asOf: string) => ({
  code: 'report.interrupted',
  detail: `Its import started at ${asOf} and has not ended.`,
  nextStep:
    'It may still be in progress. If no run is active, the worker was stopped; the next run imports it again.',
});

const columnValues = ({ tenantId, connectorId }: MirrorOwner, one: ListedReport) => [
  one.id,
  tenantId,
  connectorId,
  one.cmpId,
  one.name,
  one.type ?? null,
  one.format ?? null,
  one.generatedAt,
  one.periodFrom ?? null,
  one.periodUntil ?? null,
];

const setImported =
  ', status = excluded.status, rows = excluded.rows, unknown_charge_types = excluded.unknown_charge_types';

/** Records the outcome of the attempt. What was imported before stays imported even if a later attempt fails. */
export const recordReport = (client: PoolClient, owner: MirrorOwner, one: ReportOutcome): Promise<unknown> =>
  client.query(
    `insert into rated_reports as r (id, tenant_id, connector_id, cmp_id, name, type, format, generated_at, period_from, period_until,
       status, attempts, rows, failure, unknown_charge_types, read_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13, $14, $15)
     on conflict (id) do update set failure = excluded.failure, read_at = excluded.read_at${one.status === 'imported' ? setImported : ''}`,
    [
      ...columnValues(owner, one),
      one.status,
      one.rows ?? 0,
      one.failure ? JSON.stringify(one.failure) : null,
      one.unknownChargeTypes ?? [],
      one.asOf,
    ],
  );

/** The formats that were set for the reports of a connector; empty if none were. */
export async function fixedFormat(
  on: SqlClient,
  { tenantId, connectorId }: MirrorOwner,
): Promise<FixedFormat> {
  const { rows } = await on.query<FixedFormat>(
    `select decimal_separator as "decimalSeparator", date_order as "dateOrder" from report_formats
     where tenant_id = $1 and connector_id = $2`,
    [tenantId, connectorId],
  );
  return rows[0] ?? noFixedFormat;
}

export const fixFormat = (
  on: SqlClient,
  { tenantId, connectorId }: MirrorOwner,
  { decimalSeparator, dateOrder }: FixedFormat,
  by: string,
): Promise<unknown> =>
  on.query(
    `insert into report_formats (tenant_id, connector_id, decimal_separator, date_order, changed_by, changed_at)
     values ($1, $2, $3, $4, $5, now())
     on conflict (tenant_id, connector_id) do update set decimal_separator = excluded.decimal_separator,
       date_order = excluded.date_order, changed_by = excluded.changed_by, changed_at = excluded.changed_at
     where (report_formats.decimal_separator, report_formats.date_order)
       is distinct from (excluded.decimal_separator, excluded.date_order)`,
    [tenantId, connectorId, decimalSeparator, dateOrder, by],
  );

/** A report that was fetched before. */
export const findReport = ({ em, run }: RunContext, id: string) =>
  statements(em)
    .selectFrom('RatedReport as r')
    .select(['r.cmpId', 'r.name'])
    .where('r.tenantId', '=', run.tenantId)
    .where('r.connectorId', '=', run.connectorId)
    .where('r.id', '=', id)
    .executeTakeFirst();

/** Returns which of these reports the run does not have to read (again). */
export async function finishedReports(
  pool: Pool,
  run: { id: string; tenantId: string },
  ids: readonly string[],
  limits: { again: boolean; attempts: number; maxAttemptsPerRun: number },
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from rated_reports where tenant_id = $1 and id = any($2)
       and (status = 'imported' and not $3 or attempts >= $4::float8
         or run_id = $5 and (run_attempts >= $6 or failure is null or failure->>'code' <> 'report.interrupted'))`,
    [run.tenantId, ids, limits.again, limits.attempts, run.id, limits.maxAttemptsPerRun],
  );
  return new Set(rows.map(({ id }) => id));
}

/** The connector's currency, and what is set about the format of its reports. */
export async function importDefaults({
  em,
  pool,
  run,
}: RunContext): Promise<{ currency: string; format: FixedFormat }> {
  const { currency } = await statements(em)
    .selectFrom('Connector as c')
    .select('c.currency')
    .where('c.tenantId', '=', run.tenantId)
    .where('c.connectorId', '=', run.connectorId)
    .executeTakeFirstOrThrow();
  return { currency, format: await fixedFormat(pool, run) };
}
