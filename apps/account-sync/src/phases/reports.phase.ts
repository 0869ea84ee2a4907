import { mirrorId, type Phase, type RunContext } from '@isthmus/sync-engine';
import type { CmpReport } from '@isthmus/cmp-client';
import type { ReportFacts } from '../persistence/note-report.ts';
import { countUnmatched, matchLines } from '../persistence/match-lines.ts';
import { importReport, type ImportSettings } from './import-report.ts';

export interface ReportSettings extends ImportSettings {
  /** How far back reports are looked for; a full run takes all that CMP lists. */
  days: number;
}

const dayMs = 86_400_000;
/** A report that could not be used is fetched so often before only a full run tries it again. */
const attempts = 5;

/** Rated data: what is nobody's is looked at again, then each report that was not imported yet is, the oldest first. */
export const reportsPhase = (settings: ReportSettings): Phase => ({
  name: 'reports',
  async run(context) {
    await matchAgain(context);
    const reports = await listedReports(context, settings.days);
    const due = await notImported(context, reports);
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

/** Accounts and subscriptions may have appeared since their lines did. */
async function matchAgain(context: RunContext): Promise<void> {
  if (!context.run.apply) return;
  await context.commit({
    done: 0,
    write: async (client) => {
      const found = await matchLines(client, context.run, null);
      await countUnmatched(client, context.run.tenantId, found);
      return {};
    },
  });
}

export interface DueReport {
  report: CmpReport;
  facts: ReportFacts;
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
    .map((report) => ({ report, facts: factsOf(report, mirrorId(run, 'report', report.id)) }))
    .sort((a, b) => a.facts.generatedAt.getTime() - b.facts.generatedAt.getTime());
}

const factsOf = (report: CmpReport, id: string): ReportFacts => ({
  id,
  cmpId: report.id,
  name: report.name,
  type: report.type,
  format: report.format,
  generatedAt: new Date(report.creationDate ?? report.endDate ?? report.startDate ?? 0),
  periodFrom: report.startDate,
  periodUntil: report.endDate,
});

/** A report is imported once; one that could not be used is tried again a few times. */
async function notImported({ pool, run }: RunContext, reports: readonly DueReport[]): Promise<DueReport[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from rated_reports where tenant_id = $1 and id = any($2) and (status = 'imported' or attempts >= $3)`,
    [run.tenantId, reports.map(({ facts }) => facts.id), run.depth === 'full' ? 2 ** 31 - 1 : attempts],
  );
  const known = new Set(rows.map(({ id }) => id));
  return reports.filter(({ facts }) => !known.has(facts.id));
}
