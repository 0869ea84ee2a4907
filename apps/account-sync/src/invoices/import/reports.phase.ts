import { CmpRejected, type CmpReport } from '@isthmus/cmp-client';
import type { RatedLineKind } from '@isthmus/contracts';
import { mirrorId, type Phase, type RunContext } from '@isthmus/sync-engine';
import { ColumnMap, type RatedField, normalizeWord } from '../report-file/rated-vocabulary.ts';
import { printable } from '../report-file/report.errors.ts';
import { parseTarget } from '../../sync/run-target.ts';
import type { WorkerEnv } from '../../worker.config.ts';
import type { ListedReport } from '../rated-reports.store.ts';
import { type DueReport, importReport, type ImportSettings } from './import-report.service.ts';
import { hasOpenLines, rematchLines } from './line-matching.store.ts';

export interface ReportSettings extends ImportSettings {
  /** How far back reports are looked for; a full run takes all that CMP lists. */
  days: number;
}

const dayMs = 86_400_000;

/** A report that could not be used is fetched so often before only a full run or a re-import tries it again. */
const attempts = 5;

/** A run that was interrupted reads a report once more, in case the interruption had other causes. */
const attemptsPerRun = 2;

/** Rated data: each report that was not imported yet is, the oldest first; or the one that the run is for, imported or not. */
export const reportsPhase = (settings: ReportSettings): Phase => ({
  name: 'reports',
  async run(context) {
    const { ratedReportId } = parseTarget(context.run.target);
    const reports = ratedReportId
      ? await oneReport(context, ratedReportId)
      : await listedReports(context, settings.days);
    const due = await toBeRead(context, reports, ratedReportId !== undefined);
    for (const [done, report] of due.entries())
      await importReport(context, report, settings, { done, total: due.length });
    if (!context.run.apply)
      await context.commit({
        done: due.length,
        total: due.length,
        records: due.map(({ facts }) => ({
          kind: 'report',
          cmpId: facts.cmpId,
          result: 'appeared',
          reason: facts.name,
        })),
      });
  },
});

/** Looks again at lines that are nobody's, or whose vendor or billing cycle is not known: a sync may have learned of them. */
export const ratedLinesPhase: Phase = {
  name: 'rated lines',
  async run(context) {
    const { run, pool } = context;
    if (!run.apply || !(await hasOpenLines(pool, run))) return;
    await context.commit({
      done: 0,
      write: async (client) => ({ events: await rematchLines(client, run, new Date().toISOString()) }),
    });
  },
};

async function listedReports(context: RunContext, days: number): Promise<DueReport[]> {
  const since = new Date(Date.now() - days * dayMs).toISOString().slice(0, 10);
  const from = context.run.depth === 'full' ? undefined : since;
  const { signal, run } = context;
  const { records } = await context.cmp.reports.list({ from, status: 'completed' }, { signal });
  const broken = records.filter((record) => !record.ok);
  if (broken.length)
    await context.commit({
      done: 0,
      counts: { setAside: broken.length },
      records: broken.map(({ id, field, reason }) => ({
        kind: 'report',
        cmpId: id,
        result: 'set-aside',
        reason: `${field}: ${reason}`,
      })),
    });
  const reports = records.flatMap((record) => (record.ok ? [record.value] : []));
  return reports
    .filter(({ status, downloadUrl }) => status === 'completed' && downloadUrl)
    .map((report) => ({ report, facts: factsOf(report, mirrorId(run, 'report', report.id)) }))
    .sort((a, b) => a.facts.generatedAt.getTime() - b.facts.generatedAt.getTime());
}

/** A report that was fetched before; without a link when CMP does not have it any more. */
async function oneReport({ cmp, pool, run, signal }: RunContext, id: string): Promise<DueReport[]> {
  const { rows } = await pool.query<{ cmpId: string; name: string }>(
    `select cmp_id as "cmpId", name from rated_reports where tenant_id = $1 and connector_id = $2 and id = $3`,
    [run.tenantId, run.connectorId, id],
  );
  if (!rows[0]) return [];
  const { cmpId, name } = rows[0];
  const report = await cmp.reports.get(cmpId, { signal }).catch((error: unknown): CmpReport => {
    if (error instanceof CmpRejected && error.category === 'not-found')
      return { id: cmpId, name, status: 'unknown' };
    throw error;
  });
  return [{ report, facts: factsOf(report, id) }];
}

const factsOf = (report: CmpReport, id: string): ListedReport => ({
  id,
  cmpId: report.id,
  name: printable(report.name, 1_000),
  type: report.type,
  format: report.format,
  generatedAt: new Date(
    instantOf(report.creationDate) ?? instantOf(report.endDate) ?? instantOf(report.startDate) ?? 0,
  ),
  periodFrom: instantOf(report.startDate),
  periodUntil: instantOf(report.endDate),
});

/** A time that can be kept; undefined for others, such as one of the year 0. */
function instantOf(text: string | undefined): string | undefined {
  const year = new Date(text ?? '').getUTCFullYear();
  return year >= 1 && year <= 9999 ? text : undefined;
}

/**
 * A report is imported once, unless the run is for it; one that could not be used is tried again a few times. Within one run only what
 * was interrupted is read again.
 */
async function toBeRead(
  { pool, run }: RunContext,
  reports: readonly DueReport[],
  isTarget: boolean,
): Promise<DueReport[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from rated_reports where tenant_id = $1 and id = any($2)
       and (status = 'imported' and not $3 or attempts >= $4
         or run_id = $5 and (run_attempts >= $6 or failure is null or failure->>'code' <> 'report.interrupted'))`,
    [
      run.tenantId,
      reports.map(({ facts }) => facts.id),
      isTarget,
      run.depth === 'full' ? 2 ** 31 - 1 : attempts,
      run.id,
      attemptsPerRun,
    ],
  );
  const known = new Set(rows.map(({ id }) => id));
  return reports.filter(({ facts }) => !known.has(facts.id));
}

const megabyte = 1_048_576;

/** The worker's settings as the phase wants them; both tables were checked at the start. */
export function reportSettings(env: WorkerEnv): ReportSettings {
  const lineKinds = JSON.parse(env.RATED_LINE_KINDS) as Record<string, RatedLineKind>;
  return {
    days: env.REPORT_DAYS,
    columns: new ColumnMap(JSON.parse(env.RATED_COLUMNS) as Record<string, RatedField>),
    lineKinds: Object.fromEntries(
      Object.entries(lineKinds).map(([word, kind]) => [normalizeWord(word), kind]),
    ),
    tolerance: { perLine: env.RATED_TOLERANCE_PER_LINE, atMost: env.RATED_TOLERANCE_MAX },
    limits: {
      csv: env.REPORT_CSV_MAX_MB * megabyte,
      json: env.REPORT_JSON_MAX_MB * megabyte,
      xlsx: env.REPORT_XLSX_MAX_MB * megabyte,
    },
  };
}
