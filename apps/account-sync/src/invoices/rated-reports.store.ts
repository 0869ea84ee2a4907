import { DomainError } from '@isthmus/domain';
import { defineEntity, p } from '@mikro-orm/core';
import type { Statements } from '@isthmus/messaging';
import { Conditions, type TenantRows } from '@isthmus/service-kit';
import type { MirrorOwner } from '@isthmus/sync-engine';
import type { Pool, PoolClient } from 'pg';
import { type FixedFormat, nothingFixed } from './report-file/report-format.ts';

const reportSchema = defineEntity({
  name: 'RatedReport',
  tableName: 'rated_reports',
  indexes: [
    {
      name: 'rated_reports_by_connector',
      expression: `create index rated_reports_by_connector on rated_reports (tenant_id, connector_id, generated_at desc, id)`,
    },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpId: p.text(),
    name: p.text(),
    type: p.text().nullable(),
    format: p.text().nullable(),
    /** When CMP made it: of two reports with the same invoice the later counts. */
    generatedAt: p.datetime(),
    periodFrom: p.datetime().nullable(),
    periodUntil: p.datetime().nullable(),
    status: p.enum(['imported', 'failed'] as const),
    /** How often it was fetched. */
    attempts: p.integer(),
    /** The run that fetched it last, and how often that one did. */
    runId: p.uuid().nullable(),
    runAttempts: p.integer().default(0),
    rows: p.integer().default(0),
    failure: p.json<{ code: string; detail: string; nextStep: string }>().columnType('json').nullable(),
    /** Unknown charge types; their lines count as one-offs. */
    unknownChargeTypes: p.array().columnType('text[]').default([]),
    readAt: p.datetime(),
  },
});

/** A downloaded report of CMP, and its outcome. */
export class RatedReport extends reportSchema.class {}
reportSchema.setClass(RatedReport);

export interface RatedReportRow {
  id: string;
  connectorId: string;
  cmpReportId: string;
  name: string;
  type: string | null;
  format: string | null;
  generatedAt: Date;
  periodFrom: Date | null;
  periodUntil: Date | null;
  status: 'imported' | 'failed';
  attempts: number;
  rows: number;
  failure: { code: string; detail: string; nextStep: string } | null;
  unknownChargeTypes: string[];
  readAt: Date;
}

class RatedReportNotFound extends DomainError {
  static override readonly code = 'rated-report.not-found';
  constructor(readonly reportId: string) {
    super(`There is no rated report ${reportId}.`, {
      nextStep: 'List the rated reports and take an id from there.',
    });
  }
}

interface RatedReportFilter {
  connectorId?: string;
  status?: 'imported' | 'failed';
}

const select = `select r.id, r.connector_id as "connectorId", r.cmp_id as "cmpReportId", r.name, r.type, r.format,
    r.generated_at as "generatedAt", r.period_from as "periodFrom", r.period_until as "periodUntil", r.status, r.attempts, r.rows,
    r.failure, r.unknown_charge_types as "unknownChargeTypes", r.read_at as "readAt"
  from rated_reports r`;

/** @throws RatedReportNotFound */
export async function readRatedReport(rows: TenantRows, id: string): Promise<RatedReportRow> {
  const [row] = await rows.select<RatedReportRow>(`${select} where r.tenant_id = $1 and r.id = $2`, [id]);
  if (!row) throw new RatedReportNotFound(id);
  return row;
}

/** Most recently generated first; one row more than `limit` if there are more. */
export function listRatedReports(
  rows: TenantRows,
  filter: RatedReportFilter,
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<RatedReportRow[]> {
  const where = new Conditions('r.tenant_id = $1')
    .when(filter.connectorId, (id) => `r.connector_id = ${id}`)
    .when(filter.status, (status) => `r.status = ${status}`)
    .after(after, 'r.generated_at, r.id', ['timestamptz', 'uuid'], '<');
  const more = where.param(limit + 1);
  return rows.select(
    `${select} where ${where} order by r.generated_at desc, r.id desc limit ${more}`,
    where.values,
  );
}

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
  on: Statements,
  { tenantId, connectorId }: MirrorOwner,
): Promise<FixedFormat> {
  const { rows } = await on.query<FixedFormat>(
    `select decimal_separator as "decimalSeparator", date_order as "dateOrder" from report_formats
     where tenant_id = $1 and connector_id = $2`,
    [tenantId, connectorId],
  );
  return rows[0] ?? nothingFixed;
}

export const fixFormat = (
  on: Statements,
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
export async function findReport(
  pool: Pool,
  { tenantId, connectorId }: MirrorOwner,
  id: string,
): Promise<{ cmpId: string; name: string } | undefined> {
  const { rows } = await pool.query<{ cmpId: string; name: string }>(
    `select cmp_id as "cmpId", name from rated_reports where tenant_id = $1 and connector_id = $2 and id = $3`,
    [tenantId, connectorId, id],
  );
  return rows[0];
}

/** Which of these reports are not to be read (again) by the run. */
export async function finishedReports(
  pool: Pool,
  run: { id: string; tenantId: string },
  ids: readonly string[],
  limits: { again: boolean; attempts: number; attemptsPerRun: number },
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from rated_reports where tenant_id = $1 and id = any($2)
       and (status = 'imported' and not $3 or attempts >= $4::float8
         or run_id = $5 and (run_attempts >= $6 or failure is null or failure->>'code' <> 'report.interrupted'))`,
    [run.tenantId, ids, limits.again, limits.attempts, run.id, limits.attemptsPerRun],
  );
  return new Set(rows.map(({ id }) => id));
}

/** The connector's currency, and what is set about the format of its reports. */
export async function importDefaults(
  pool: Pool,
  owner: MirrorOwner,
): Promise<{ currency: string; format: FixedFormat }> {
  const { rows } = await pool.query<{ currency: string }>(
    'select currency from connectors where tenant_id = $1 and connector_id = $2',
    [owner.tenantId, owner.connectorId],
  );
  return { currency: rows[0]!.currency, format: await fixedFormat(pool, owner) };
}
