import { CmpRejected, type CmpReport } from '@isthmus/cmp-client';
import type { RatedLineKind } from '@isthmus/contracts';
import { mirrorId, type Phase, type RunContext } from '@isthmus/sync-engine';
import { ColumnMap, type RatedField, normalizeWord } from '../report-file/rated-vocabulary.ts';
import { printable } from '../report-file/report.errors.ts';
import { parseTarget } from '../../sync/run-target.ts';
import type { WorkerEnv } from '../../worker.config.ts';
import { findReport, finishedReports, type ListedReport } from '../rated-reports.store.ts';
import { type DueReport, importReport, type ImportSettings } from './import-report.service.ts';
import { hasUnmatchedLines, rematchLines } from './rated-documents.store.ts';

interface ReportSettings extends ImportSettings {
  /** Number of days back for which reports are listed; a full run lists all. */
  days: number;
}

const dayMs = 86_400_000;

/** Maximum number of downloads of an unusable report; after that only a full run or a re-import retries it. */
const attempts = 5;

/** A run that was interrupted while reading a report reads it again, in case the report was not the cause. */
const maxAttemptsPerRun = 2;

/**
 * Imports all reports that have not been imported yet, oldest first; or, for a targeted run, only its report, even if it was
 * imported before.
 */
export const reportsPhase = (settings: ReportSettings): Phase => ({
  name: 'reports',
  async run(context) {
    const { ratedReportId } = parseTarget(context.run.target);
    const reports = ratedReportId
      ? await oneReport(context, ratedReportId)
      : await listedReports(context, settings.days);
    const due = await dueReports(context, reports, ratedReportId !== undefined);
    for (const [done, report] of due.entries())
      await importReport(context, report, settings, { done, total: due.length });
    if (!context.run.apply)
      await context.commit({
        done: due.length,
        total: due.length,
        records: due.map(({ listed }) => ({
          kind: 'report',
          cmpId: listed.cmpId,
          result: 'appeared',
          reason: listed.name,
        })),
      });
  },
});

/** Matches again the lines that have no account, vendor or billing cycle: a sync may have found it since. */
export const ratedLinesPhase: Phase = {
  name: 'rated lines',
  async run(context) {
    const { run, pool } = context;
    if (!run.apply || !(await hasUnmatchedLines(pool, run))) return;
    await context.commit({
      done: 0,
      write: async (client) => ({ events: await rematchLines(client, run, new Date().toISOString()) }),
    });
  },
};

const megabyte = 1_048_576;

/** Converts the worker's settings to those of the phase; the two JSON settings have been validated at start-up. */
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
      rows: env.REPORT_MAX_ROWS,
      memory: env.REPORT_MEMORY_MB,
    },
  };
}

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
    .map((report) => ({ report, listed: toListedReport(report, mirrorId(run, 'report', report.id)) }))
    .sort((a, b) => a.listed.generatedAt.getTime() - b.listed.generatedAt.getTime());
}

/** A report that was fetched before; without a link when CMP does not have it any more. */
async function oneReport(context: RunContext, id: string): Promise<DueReport[]> {
  const { cmp, signal } = context;
  const known = await findReport(context, id);
  if (!known) return [];
  const { cmpId, name } = known;
  const report = await cmp.reports.get(cmpId, { signal }).catch((error: unknown): CmpReport => {
    if (error instanceof CmpRejected && error.category === 'not-found')
      return { id: cmpId, name, status: 'unknown' };
    throw error;
  });
  return [{ report, listed: toListedReport(report, id) }];
}

const toListedReport = (report: CmpReport, id: string): ListedReport => ({
  id,
  cmpId: report.id,
  name: printable(report.name, 1_000),
  type: report.type,
  format: report.format,
  generatedAt: new Date(
    storableTime(report.creationDate) ?? storableTime(report.endDate) ?? storableTime(report.startDate) ?? 0,
  ),
  periodFrom: storableTime(report.startDate),
  periodUntil: storableTime(report.endDate),
});

/** A time that PostgreSQL can store; undefined for others, such as one of the year 0. */
function storableTime(text: string | undefined): string | undefined {
  const year = new Date(text ?? '').getUTCFullYear();
  return year >= 1 && year <= 9999 ? text : undefined;
}

/**
 * A report is imported once, unless the run targets it explicitly. A report that failed is retried a few times; within one run,
 * only an interrupted import is retried.
 */
async function dueReports(
  { pool, run }: RunContext,
  reports: readonly DueReport[],
  isTarget: boolean,
): Promise<DueReport[]> {
  const finished = await finishedReports(
    pool,
    run,
    reports.map(({ listed }) => listed.id),
    { again: isTarget, attempts: run.depth === 'full' ? Infinity : attempts, maxAttemptsPerRun },
  );
  return reports.filter(({ listed }) => !finished.has(listed.id));
}
