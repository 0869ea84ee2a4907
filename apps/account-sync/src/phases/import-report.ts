import { CmpRejected, isCmpError, type CmpClient, type CmpReport } from '@isthmus/cmp-client';
import type { RatedLineKind } from '@isthmus/contracts';
import type { RunContext } from '@isthmus/sync-engine';
import type { Readable } from 'node:stream';
import type { Tolerance } from '../domain/judge-documents.ts';
import type { ColumnMap } from '../domain/rated-columns.ts';
import { readRatedRow, type RatedRow } from '../domain/rated-row.ts';
import { ReportNotUsable } from '../domain/report.errors.ts';
import { noteReport } from '../persistence/note-report.ts';
import { settleReport } from '../persistence/settle-report.ts';
import { clearStage, stageRows } from '../persistence/stage-rows.ts';
import { readRows, type FileLimits } from '../reports/read-rows.ts';
import type { DueReport } from './reports.phase.ts';

export interface ImportSettings {
  columns: ColumnMap;
  lineKinds: Readonly<Record<string, RatedLineKind>>;
  tolerance: Tolerance;
  limits: FileLimits;
}

interface Progress {
  done: number;
  total: number;
}

const rowsPerBatch = 1_000;

/**
 * Fetches a report and imports it: rows are gathered batch by batch, and only when the file was read to its end do they become
 * lines, all at once. What is wrong with it is kept with the report and ends nothing else.
 */
export async function importReport(
  context: RunContext,
  due: DueReport,
  settings: ImportSettings,
  progress: Progress,
): Promise<void> {
  if (!context.run.apply) return;
  let rows: number;
  try {
    rows = await gather(context, due, settings, progress);
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof ReportNotUsable)) throw error;
    return noteFailure(context, due, error, progress);
  }
  const currency = await currencyOf(context);
  const asOf = new Date().toISOString();
  const { run } = context;
  const settling = { run, report: due.facts, rows, currency, tolerance: settings.tolerance, asOf };
  await context.commit({
    done: progress.done + 1,
    total: progress.total,
    write: (client) => settleReport(client, settling),
  });
}

/** @returns how many rows there are */
async function gather(
  context: RunContext,
  { report, facts }: DueReport,
  { columns, lineKinds, limits }: ImportSettings,
  progress: Progress,
): Promise<number> {
  const stage = (rows: readonly RatedRow[]) =>
    context.commit({
      ...progress,
      counts: { read: rows.length },
      write: async (client) => {
        if (rows.length) await stageRows(client, context.run, rows);
        else await clearStage(client, context.run.id);
        return {};
      },
    });
  await stage([]);
  const currency = await currencyOf(context);
  const unbilledKey = `unbilled:${facts.name} ${facts.periodFrom?.slice(0, 10) ?? ''}`.trim();
  const file = await open(context.cmp, report, context.signal);
  let batch: RatedRow[] = [];
  let row = 0;
  for await (const raw of readRows(file, report.format ?? 'csv', columns, limits)) {
    batch.push(readRatedRow(raw, (row += 1), { columns, lineKinds, currency, unbilledKey }));
    if (batch.length < rowsPerBatch) continue;
    await stage(batch);
    batch = [];
  }
  if (batch.length) await stage(batch);
  return row;
}

/** @throws ReportNotUsable; a link that has run out is asked for again, once */
async function open(cmp: CmpClient, report: CmpReport, signal: AbortSignal): Promise<Readable> {
  try {
    return await cmp.reports.download(report, { signal });
  } catch (error) {
    if (!(error instanceof CmpRejected && error.category === 'permission')) throw notFetched(error);
  }
  const again = await cmp.reports.get(report.id, { signal });
  return cmp.reports.download(again, { signal }).catch((error: unknown) => {
    throw notFetched(error);
  });
}

/** The store's refusal concerns this report: it must neither end the run nor pause the connector, as CMP's own would. */
const notFetched = (error: unknown): unknown =>
  isCmpError(error)
    ? new ReportNotUsable('report.download-failed', error.message, 'It is fetched again with the next run.', {
        cause: error,
      })
    : error;

async function currencyOf({ pool, run }: RunContext): Promise<string> {
  const { rows } = await pool.query<{ currency: string }>(
    'select currency from connectors where tenant_id = $1 and connector_id = $2',
    [run.tenantId, run.connectorId],
  );
  return rows[0]!.currency;
}

async function noteFailure(
  context: RunContext,
  { facts }: DueReport,
  { code, message: detail, nextStep }: ReportNotUsable,
  { done, total }: Progress,
): Promise<void> {
  const asOf = new Date().toISOString();
  await context.commit({
    done: done + 1,
    total,
    counts: { failed: 1 },
    records: [{ kind: 'report', cmpId: facts.cmpId, result: 'failed', reason: `${code}: ${detail}` }],
    write: async (client) => {
      await clearStage(client, context.run.id);
      await noteReport(client, context.run, {
        ...facts,
        status: 'failed',
        asOf,
        failure: { code, detail, nextStep },
      });
      return {};
    },
  });
}
