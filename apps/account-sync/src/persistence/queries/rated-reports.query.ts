import { Conditions, type TenantRows } from '@isthmus/service-kit';

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

export interface RatedReportFilter {
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

/** The latest made first; one row more than `limit` when there are more. */
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

export class RatedReportNotFound extends Error {
  override readonly name = 'RatedReportNotFound';
  readonly code = 'rated-report.not-found';
  readonly nextStep = 'List the rated reports and take an id from there.';
  constructor(readonly reportId: string) {
    super(`There is no rated report ${reportId}.`);
  }
}
