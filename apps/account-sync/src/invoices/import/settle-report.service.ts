import { type BatchResult, mirrorId, type RunRecord } from '@isthmus/sync-engine';
import type { PoolClient } from 'pg';
import { recordReport, type ListedReport } from '../rated-reports.store.ts';
import { canonical } from '../report-file/amounts.ts';
import { type DocumentVerdict, evaluateDocuments, type Tolerance } from './invoice-balance.ts';
import { countUnmatched, matchLines } from './line-matching.store.ts';
import {
  dropOtherCurrencies,
  type StoredDocument,
  storedDocuments,
  invoiceImported,
  type LineChanges,
  type ChangedDocument,
  putDocuments,
  replaceLines,
} from './rated-documents.store.ts';
import { type StagedDocument, stagedSums } from './staged-rows.store.ts';

export interface Settling {
  run: { id: string; tenantId: string; connectorId: string };
  report: ListedReport;
  /** Rows gathered from it, those that state a total included. */
  rows: number;
  currency: string;
  tolerance: Tolerance;
  asOf: string;
  /** Of its lines that are on no invoice, without a currency. */
  unbilledKey: string;
}

export type Judged = StagedDocument & DocumentVerdict & { documentId: string };

/**
 * Turns the rows gathered from a report into documents and lines, in the caller's transaction: either all of the report counts or
 * nothing. A document that says the same as before is not written.
 * @throws GatheredRowsLost
 */
export async function settleReport(client: PoolClient, settling: Settling): Promise<BatchResult> {
  const { run, report, tolerance, asOf } = settling;
  // Two runs of one connector may settle reports that tell of the same invoice.
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`rated:${run.connectorId}`]);
  const staged = await stagedSums(client, run.id);
  const left = staged.rows + staged.totals;
  if (left !== settling.rows) throw new GatheredRowsLost(report.cmpId, settling.rows, left);
  const judged = evaluateDocuments(staged.documents, staged.fileTotal, tolerance).map(
    (verdict, at): Judged => ({
      ...staged.documents[at]!,
      ...verdict,
      documentId: mirrorId(run, 'rated-document', verdict.key),
    }),
  );
  const held = await storedDocuments(
    client,
    run.tenantId,
    judged.map(({ documentId }) => documentId),
  );
  const refused = judged.filter((one) => reasonToKeep(held.get(one.documentId), one, report));
  const taken = judged.filter((one) => !refused.includes(one));
  const changes = await replaceLines(client, run, taken);
  const news = taken.flatMap((one, at) => newsOf(one, held.get(one.documentId), changes[at]!, settling));
  await putDocuments(client, news);
  if (taken.some(({ invoiceNumber }) => !invoiceNumber)) await dropOtherCurrencies(client, settling, taken);
  const ids = news.map(({ id }) => id);
  await matchLines(client, run, ids);
  await countUnmatched(client, run.tenantId, ids);
  await recordReport(client, run, { ...report, ...staged, status: 'imported', asOf });
  await client.query('delete from rated_rows where run_id = $1', [run.id]);
  const written = await storedDocuments(client, run.tenantId, ids);
  return {
    events: news
      .filter(({ kind }) => kind === 'invoice')
      .map((one) => invoiceImported({ ...one, ...written.get(one.id)! }, run, report.cmpId, asOf)),
    records: [...news.map(recordOf), ...repeatsOf(taken), ...refused.map((one) => keptOf(one, held, report))],
    counts: {
      read: 0,
      appeared: news.filter(({ version }) => version === 1).length,
      changed: news.filter(({ version }) => version > 1).length,
      unchanged: taken.length - news.length,
      skipped: refused.length,
    },
  };
}

/** Why a document stays as it is although this report tells of it; undefined when it may be replaced. */
function reasonToKeep(
  held: StoredDocument | undefined,
  one: Judged,
  report: ListedReport,
): string | undefined {
  if (!held) return undefined;
  if (held.generatedAt > report.generatedAt) return 'A later report has told of it already.';
  if (held.balance === 'balanced' && one.balance === 'unbalanced')
    return `What is held adds up, this report does not. ${one.detail ?? ''}`;
  return undefined;
}

function newsOf(
  one: Judged,
  held: StoredDocument | undefined,
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
  const same = (a: string | null, b: string | null) => (a && canonical(a)) === (b && canonical(b));
  const changed = held
    ? [
        ...(added || removed || altered ? ['lines'] : []),
        ...(same(held.statedTotal, document.statedTotal) ? [] : ['statedTotal']),
        ...(held.invoiceDate === document.invoiceDate ? [] : ['invoiceDate']),
        ...(held.currency === document.currency ? [] : ['currency']),
      ]
    : [];
  // Without another sum or line, only what may be off has changed: the tolerance.
  if (held && !changed.length && held.balance !== document.balance) changed.push('balance');
  if (held && !changed.length) return [];
  return [{ ...document, changed, added, removed, altered, version: (held?.version ?? 0) + 1 }];
}

const kindOf = ({ invoiceNumber }: { invoiceNumber: string | null }) =>
  invoiceNumber ? 'invoice' : 'unbilled-lines';

const recordOf = (one: ChangedDocument): RunRecord => ({
  kind: one.kind === 'invoice' ? 'invoice' : 'unbilled-lines',
  cmpId: one.number,
  result: one.version === 1 ? 'appeared' : 'changed',
  changed: one.version === 1 ? undefined : one.changed,
  reason: one.balance === 'unbalanced' ? (one.balanceDetail ?? undefined) : undefined,
});

const repeatsOf = (documents: readonly Judged[]): RunRecord[] =>
  documents
    .filter(({ keepRepeats, repeats }) => !keepRepeats && repeats.length)
    .map((one) => ({
      kind: kindOf(one),
      cmpId: one.invoiceNumber ?? one.key,
      result: 'set-aside',
      reason: `${one.rows - one.distinctRows} rows are equal to earlier ones and count once: rows ${one.repeats.join(', ')}${one.rows - one.distinctRows > one.repeats.length ? ' …' : ''}.`,
    }));

const keptOf = (one: Judged, held: ReadonlyMap<string, StoredDocument>, report: ListedReport): RunRecord => ({
  kind: kindOf(one),
  cmpId: one.invoiceNumber ?? one.key,
  result: 'set-aside',
  reason: `Kept as it was. ${reasonToKeep(held.get(one.documentId), one, report)}`,
});

/** PostgreSQL crashed, and took with it what was gathered of a report: it has to be fetched again. */
export class GatheredRowsLost extends Error {
  override readonly name = 'GatheredRowsLost';
  readonly code = 'report.rows-lost';
  constructor(cmpReportId: string, gathered: number, left: number) {
    super(
      `Of ${gathered} rows gathered from report ${cmpReportId} there are ${left} left; it is fetched again.`,
    );
  }
}
