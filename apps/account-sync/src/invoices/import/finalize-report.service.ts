import { Decimal, DomainError } from '@isthmus/domain';
import { type BatchResult, mirrorId, type RunRecord } from '@isthmus/sync-engine';
import type { PoolClient } from 'pg';
import { recordReport, type ListedReport } from '../rated-reports.store.ts';
import { type DocumentEvaluation, evaluateDocuments, type Tolerance } from './invoice-balance.ts';
import {
  type ChangedDocument,
  countUnmatched,
  dropOtherCurrencies,
  invoiceImported,
  type LineChanges,
  matchLines,
  putDocuments,
  replaceLines,
  type StoredDocument,
  storedDocuments,
} from './rated-documents.store.ts';
import { dropStagedRows, type StagedDocument, stagedSums } from './staged-rows.store.ts';

interface Settling {
  run: { id: string; tenantId: string; connectorId: string };
  report: ListedReport;
  /** Number of staged rows, including those that state a total. */
  rows: number;
  currency: string;
  tolerance: Tolerance;
  asOf: string;
  /** Key of the document of unbilled lines, without a currency. */
  unbilledKey: string;
}

type EvaluatedDocument = StagedDocument & DocumentEvaluation & { documentId: string };

/**
 * Turns the rows gathered from a report into documents and lines, in the caller's transaction: either all of the report counts or
 * nothing. A document that is the same as before is not written.
 * @throws GatheredRowsLost
 */
export async function finalizeReport(client: PoolClient, settling: Settling): Promise<BatchResult> {
  const { run, report, tolerance, asOf } = settling;
  // Two runs of one connector may settle reports with the same invoice.
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`rated:${run.connectorId}`]);
  const staged = await stagedSums(client, run.id);
  const left = staged.rows + staged.totals;
  if (left !== settling.rows) throw new GatheredRowsLost(report.cmpId, settling.rows, left);
  const evaluated = evaluateDocuments(staged.documents, staged.fileTotal, tolerance).map(
    (evaluation, at): EvaluatedDocument => ({
      ...staged.documents[at]!,
      ...evaluation,
      documentId: mirrorId(run, 'rated-document', evaluation.key),
    }),
  );
  const stored = await storedDocuments(
    client,
    run.tenantId,
    evaluated.map(({ documentId }) => documentId),
  );
  const kept = evaluated.filter((one) => reasonToKeep(stored.get(one.documentId), one, report));
  const taken = evaluated.filter((one) => !kept.includes(one));
  const lineChanges = await replaceLines(client, run, taken);
  const changed = taken.flatMap((one, at) =>
    toChangedDocuments(one, stored.get(one.documentId), lineChanges[at]!, settling),
  );
  await putDocuments(client, changed);
  if (taken.some(({ invoiceNumber }) => !invoiceNumber))
    await dropOtherCurrencies(client, run, {
      generatedAt: report.generatedAt,
      unbilledKey: settling.unbilledKey,
      keep: taken.map(({ documentId }) => documentId),
    });
  const ids = changed.map(({ id }) => id);
  await matchLines(client, run, ids);
  await countUnmatched(client, run.tenantId, ids);
  await recordReport(client, run, { ...report, ...staged, status: 'imported', asOf });
  await dropStagedRows(client, run.id);
  const written = await storedDocuments(client, run.tenantId, ids);
  return {
    events: changed
      .filter(({ kind }) => kind === 'invoice')
      .map((one) => invoiceImported({ ...one, ...written.get(one.id)! }, run, report.cmpId, asOf)),
    records: [
      ...changed.map(documentRecord),
      ...repeatRecords(taken),
      ...kept.map((one) => keptRecord(one, stored, report)),
    ],
    counts: {
      read: 0,
      appeared: changed.filter(({ version }) => version === 1).length,
      changed: changed.filter(({ version }) => version > 1).length,
      unchanged: taken.length - changed.length,
      skipped: kept.length,
    },
  };
}

/** The reason why a document is not changed although this report contains it; undefined if it may be replaced. */
function reasonToKeep(
  stored: StoredDocument | undefined,
  one: EvaluatedDocument,
  report: ListedReport,
): string | undefined {
  if (!stored) return undefined;
  if (stored.generatedAt > report.generatedAt) return 'A later report already contains it.';
  if (stored.balance === 'balanced' && one.balance === 'unbalanced')
    return `The stored invoice adds up, this report does not. ${one.detail ?? ''}`;
  return undefined;
}

function toChangedDocuments(
  one: EvaluatedDocument,
  stored: StoredDocument | undefined,
  { added, removed, altered }: LineChanges,
  { run, report, currency, asOf }: Settling,
): ChangedDocument[] {
  const document = {
    id: one.documentId,
    tenantId: run.tenantId,
    connectorId: run.connectorId,
    kind: one.invoiceNumber ? ('invoice' as const) : ('unbilled' as const),
    number: one.invoiceNumber ?? one.key.slice('unbilled:'.length),
    invoiceDate: one.invoiceDate,
    currency: one.currencies[0] ?? currency,
    statedTotal: one.stated ?? null,
    lineTotal: one.keepRepeats ? one.sum : one.distinctSum,
    balance: one.balance,
    balanceDetail: one.detail ?? null,
    lines: one.keepRepeats ? one.rows : one.distinctRows,
    repeatedRows: one.keepRepeats ? 0 : one.rows - one.distinctRows,
    reportId: report.id,
    generatedAt: report.generatedAt,
    asOf,
  };
  const same = (a: string | null, b: string | null) =>
    (a && Decimal.canonical(a)) === (b && Decimal.canonical(b));
  const changed = stored
    ? [
        ...(added || removed || altered ? ['lines'] : []),
        ...(same(stored.statedTotal, document.statedTotal) ? [] : ['statedTotal']),
        ...(stored.invoiceDate === document.invoiceDate ? [] : ['invoiceDate']),
        ...(stored.currency === document.currency ? [] : ['currency']),
      ]
    : [];
  // If sums and lines are the same, only the tolerance can have changed.
  if (stored && !changed.length && stored.balance !== document.balance) changed.push('balance');
  if (stored && !changed.length) return [];
  return [{ ...document, changed, added, removed, altered, version: (stored?.version ?? 0) + 1 }];
}

const recordKind = ({ invoiceNumber }: { invoiceNumber: string | null }) =>
  invoiceNumber ? 'invoice' : 'unbilled-lines';

const documentRecord = (one: ChangedDocument): RunRecord => ({
  kind: one.kind === 'invoice' ? 'invoice' : 'unbilled-lines',
  cmpId: one.number,
  result: one.version === 1 ? 'appeared' : 'changed',
  changed: one.version === 1 ? undefined : one.changed,
  reason: one.balance === 'unbalanced' ? (one.balanceDetail ?? undefined) : undefined,
});

const repeatRecords = (documents: readonly EvaluatedDocument[]): RunRecord[] =>
  documents
    .filter(({ keepRepeats, repeats }) => !keepRepeats && repeats.length)
    .map((one) => ({
      kind: recordKind(one),
      cmpId: one.invoiceNumber ?? one.key,
      result: 'set-aside',
      reason: `${one.rows - one.distinctRows} rows are equal to earlier ones and count once: rows ${one.repeats.join(', ')}${one.rows - one.distinctRows > one.repeats.length ? ' …' : ''}.`,
    }));

const keptRecord = (
  one: EvaluatedDocument,
  stored: ReadonlyMap<string, StoredDocument>,
  report: ListedReport,
): RunRecord => ({
  kind: recordKind(one),
  cmpId: one.invoiceNumber ?? one.key,
  result: 'set-aside',
  reason: `Not changed. ${reasonToKeep(stored.get(one.documentId), one, report)}`,
});

/** PostgreSQL crashed and lost the staged rows of a report: it has to be fetched again. */
class GatheredRowsLost extends DomainError {
  static override readonly code = 'report.rows-lost';
  constructor(cmpReportId: string, gathered: number, left: number) {
    super(
      `Of ${gathered} staged rows of report ${cmpReportId}, only ${left} are left; the report is downloaded again.`,
    );
  }
}
