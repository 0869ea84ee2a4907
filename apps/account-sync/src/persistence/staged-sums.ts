import type { PoolClient } from 'pg';
import type { DocumentSums } from '../domain/judge-documents.ts';

/** What the gathered rows of one document are, besides their sums. */
export interface StagedDocument extends DocumentSums {
  invoiceNumber: string | null;
  invoiceDate: string | null;
  /** Places of the first rows that repeat an earlier one. */
  repeats: number[];
}

export interface Staged {
  documents: StagedDocument[];
  /** What the file states for all of it. */
  fileTotal?: string;
  rows: number;
  /** Rows that state a total. */
  totals: number;
  unknownChargeTypes: string[];
}

/** Adds the gathered rows up, document by document. A total row with an invoice's number is that invoice's. */
export async function stagedSums(client: PoolClient, runId: string): Promise<Staged> {
  const { rows } = await client.query<
    Omit<StagedDocument, 'stated'> & { stated: string | null; statedTotals: number; unknown: string[] | null }
  >(
    `with numbered as (
       select *, row_number() over (partition by document_key, identity order by row_no) as nth
       from rated_rows where run_id = $1 and not is_total)
     select document_key as key, count(*)::int as rows, count(*) filter (where nth = 1)::int as "distinctRows",
       sum(total)::text as sum, sum(total) filter (where nth = 1)::text as "distinctSum",
       array_agg(distinct currency) as currencies, max(invoice_number) as "invoiceNumber", min(invoice_date)::text as "invoiceDate",
       max(stated_total)::text as stated, count(distinct stated_total)::int as "statedTotals",
       coalesce((array_agg(row_no order by row_no) filter (where nth > 1))[1:50], '{}') as repeats,
       array_agg(distinct charge_type) filter (where not kind_known) as unknown
     from numbered group by document_key order by document_key`,
    [runId],
  );
  const totals = await client.query<{ key: string; total: string }>(
    `select document_key as key, total::text from rated_rows where run_id = $1 and is_total order by row_no`,
    [runId],
  );
  const statedBy = new Map(totals.rows.map(({ key, total }) => [key, total]));
  return {
    documents: rows.map(({ stated, statedTotals, unknown: _, ...one }) => ({
      ...one,
      // A column with several totals for one invoice states something else.
      stated: statedBy.get(one.key) ?? (statedTotals === 1 ? stated! : undefined),
    })),
    fileTotal: statedBy.get(''),
    rows: rows.reduce((count, one) => count + one.rows, 0),
    totals: totals.rows.length,
    unknownChargeTypes: [...new Set(rows.flatMap(({ unknown }) => unknown ?? []))].sort(),
  };
}
