import type { Readable } from 'node:stream';
import {
  type CmpClient,
  CmpContractViolated,
  CmpRejected,
  type CmpReport,
  isCmpError,
} from '@isthmus/cmp-client';
import { ContractViolated, type RatedLineKind } from '@isthmus/contracts';
import {
  type Batch,
  type BatchResult,
  isDataRefusal,
  LeaseLost,
  type RunContext,
} from '@isthmus/sync-engine';
import type { PoolClient } from 'pg';
import type { Tolerance } from './invoice-balance.ts';
import type { ColumnMap } from '../report-file/rated-vocabulary.ts';
import { type RatedRow, readRatedRow } from '../report-file/rated-row.ts';
import {
  type FixedFormat,
  FormatEvidence,
  type ReportFormat,
  usualFormat,
} from '../report-file/report-format.ts';
import { printable, ReportNotUsable } from '../report-file/report.errors.ts';
import {
  beginAttempt,
  importDefaults,
  recordReport,
  type ListedReport,
  revertAttempt,
} from '../rated-reports.store.ts';
import { finalizeReport } from './finalize-report.service.ts';
import { clearStage, stageRows } from './staged-rows.store.ts';
import { rowLength } from '../report-file/file-reader.worker.ts';
import { type FileLimits, readRows } from '../report-file/report-file.service.ts';

/** A report to be imported: its record at CMP and ours. */
export interface DueReport {
  report: CmpReport;
  listed: ListedReport;
}

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

/** Maximum size of a batch of staged rows, also in characters, because rows may be long. */
const batchOf = { rows: 1_000, characters: 8_000_000 };

/**
 * Downloads a report and imports it: rows are staged batch by batch and become lines in one transaction, only after the file has
 * been read to the end. Any problem is recorded with the report and affects nothing else; the attempt is counted before the file
 * is opened.
 */
export async function importReport(
  context: RunContext,
  due: DueReport,
  settings: ImportSettings,
  progress: Progress,
): Promise<void> {
  const { run } = context;
  if (!run.apply) return;
  const begun = new Date().toISOString();
  await context.commit({
    ...progress,
    write: async (client) => {
      await beginAttempt(client, run, due.listed, begun);
      return {};
    },
  });
  try {
    const defaults = await importDefaults(context);
    const rows = await stageReport(context, due, { ...settings, ...defaults }, progress);
    const asOf = new Date().toISOString();
    const { tolerance } = settings;
    const settling = {
      run,
      report: due.listed,
      rows,
      currency: defaults.currency,
      tolerance,
      asOf,
      unbilledKey: unbilledKey(due.listed),
    };
    await commit(context, { ...progress, done: progress.done + 1 }, {}, (client) =>
      finalizeReport(client, settling),
    );
  } catch (error) {
    const failure = context.signal.aborted ? undefined : failureOf(error);
    if (failure) return recordFailure(context, due, failure, progress);
    const lost = error instanceof LeaseLost || context.signal.reason instanceof LeaseLost;
    if (!lost) await revertAttempt(context.pool, run, due.listed.id).catch(() => undefined);
    throw error;
  }
}

/**
 * Commits a batch, or nothing of it if the report's own data is the cause: a failing batch would make later ones fail, and
 * the failure still has to be recorded.
 */
async function commit(
  context: RunContext,
  progress: Progress,
  counts: Batch['counts'],
  write: (client: PoolClient) => Promise<BatchResult>,
): Promise<void> {
  let failure: ReportNotUsable | undefined;
  const guarded = async (client: PoolClient): Promise<BatchResult> => {
    await client.query('savepoint report');
    try {
      return { counts, ...(await write(client)) };
    } catch (error) {
      failure = failureOf(error);
      if (!failure) throw error;
      await client.query('rollback to savepoint report');
      return {};
    }
  };
  await context.commit({ ...progress, write: guarded });
  if (failure) throw failure;
}

/** The problem of the report; undefined if the cause is elsewhere and the report is worth another attempt. */
function failureOf(error: unknown): ReportNotUsable | undefined {
  if (error instanceof ReportNotUsable) return error;
  const atCmp =
    error instanceof CmpContractViolated || (error instanceof CmpRejected && error.category === 'not-found');
  if (!atCmp && !isDataRefusal(error) && !(error instanceof ContractViolated)) return undefined;
  return new ReportNotUsable(
    atCmp ? 'report.download-failed' : 'report.file-broken',
    `It could not be ${atCmp ? 'downloaded' : 'stored'}: ${printable(error.message, 300)}`,
    'Request the report again; if it still fails, compare its file with others of the same name.',
    { cause: error },
  );
}

interface StagingSettings extends ImportSettings {
  currency: string;
  format: FixedFormat;
}

/**
 * Stages the rows in the file's format. The format is only known at the end, so the file is read in the usual format first,
 * and again if it turns out to be another.
 * @returns the number of rows
 */
async function stageReport(
  context: RunContext,
  due: DueReport,
  settings: StagingSettings,
  progress: Progress,
): Promise<number> {
  const assumed = settings.format.decimalSeparator ?? usualFormat.decimalSeparator;
  const first = { decimalSeparator: assumed, dateOrder: settings.format.dateOrder ?? usualFormat.dateOrder };
  const read = await readOnce(context, due, settings, first, progress);
  if (isSame(read.found, first)) return read.rows();
  const again = await readOnce(context, due, settings, read.found, progress);
  if (!isSame(again.found, read.found))
    throw new ReportNotUsable(
      'report.file-broken',
      'The file changed while it was being read.',
      'The next run downloads it again.',
    );
  return again.rows();
}

const isSame = (a: ReportFormat, b: ReportFormat) =>
  a.decimalSeparator === b.decimalSeparator && a.dateOrder === b.dateOrder;

interface Reading {
  /** The format its cells show. */
  found: ReportFormat;
  /** Number of rows. @throws ReportNotUsable if a row could not be read in the assumed format */
  rows(): number;
}

async function readOnce(
  context: RunContext,
  { report, listed }: DueReport,
  { columns, lineKinds, limits, currency, format: fixed }: StagingSettings,
  format: ReportFormat,
  progress: Progress,
): Promise<Reading> {
  const stage = (rows: readonly RatedRow[]) =>
    commit(context, progress, { read: rows.length }, async (client) => {
      if (rows.length) await stageRows(client, context.run, rows);
      else await clearStage(client, context.run.id);
      return {};
    });
  await stage([]);
  const evidence = new FormatEvidence({ from: listed.periodFrom, until: listed.periodUntil });
  const settings = { columns, lineKinds, currency, unbilledKey: unbilledKey(listed), format, evidence };
  const file = await open(context.cmp, report, context.signal);
  let batch: RatedRow[] = [];
  let characters = 0;
  let row = 0;
  let unreadable: ReportNotUsable | undefined;
  for await (const raw of readRows(file, report.format ?? 'csv', columns, limits)) {
    row += 1;
    characters += rowLength(raw);
    try {
      const line = readRatedRow(raw, row, settings);
      if (!unreadable) batch.push(line);
    } catch (error) {
      if (!(error instanceof ReportNotUsable)) throw error;
      unreadable ??= error;
      batch = [];
    }
    if (batch.length < batchOf.rows && characters < batchOf.characters) continue;
    if (batch.length) await stage(batch);
    [batch, characters] = [[], 0];
  }
  const found = evidence.resolveFormat(fixed, format);
  if (batch.length && isSame(found, format)) await stage(batch);
  return {
    found,
    rows() {
      if (unreadable) throw unreadable;
      return row;
    },
  };
}

/** The key of a report's lines that are on no invoice yet. */
const unbilledKey = ({ name, periodFrom }: ListedReport): string =>
  `unbilled:${name} ${periodFrom?.slice(0, 10) ?? ''}`.trim();

/** @throws ReportNotUsable; an expired link is requested again, once */
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

/**
 * An error of the file storage concerns only this report: unlike CMP's own errors, it must neither end the run nor pause the
 * connector.
 */
const notFetched = (error: unknown): unknown =>
  isCmpError(error)
    ? new ReportNotUsable('report.download-failed', error.message, 'The next run downloads it again.', {
        cause: error,
      })
    : error;

async function recordFailure(
  context: RunContext,
  { listed }: DueReport,
  { code, message: detail, nextStep }: ReportNotUsable,
  { done, total }: Progress,
): Promise<void> {
  const asOf = new Date().toISOString();
  await context.commit({
    done: done + 1,
    total,
    counts: { failed: 1 },
    records: [{ kind: 'report', cmpId: listed.cmpId, result: 'failed', reason: `${code}: ${detail}` }],
    write: async (client) => {
      await clearStage(client, context.run.id);
      await recordReport(client, context.run, {
        ...listed,
        status: 'failed',
        asOf,
        failure: {
          code,
          detail,
          nextStep: nextStep.replace('{connectorId}', context.run.connectorId).replace('{id}', listed.id),
        },
      });
      return {};
    },
  });
}
