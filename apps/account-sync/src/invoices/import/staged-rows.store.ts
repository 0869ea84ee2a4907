import { isDataRefusal, mirrorId, type MirrorOwner } from '@isthmus/sync-engine';
import type { PoolClient } from 'pg';
import type { RatedRow } from '../report-file/rated-row.ts';
import { refusedRow } from '../report-file/report.errors.ts';
import type { DocumentSums } from './invoice-balance.ts';

type Run = MirrorOwner & { id: string };

/**
 * Stages rows of a report for the duration of a run. They are sent as one JSON string, whose members PostgreSQL converts to the
 * columns' types: amounts are converted from string to numeric and are never a float.
 * @throws ReportNotUsable (report.row-unreadable) naming the first row that PostgreSQL rejects
 */
export async function stageRows(client: PoolClient, run: Run, rows: readonly RatedRow[]): Promise<void> {
  await client.query('savepoint staging');
  try {
    await insert(client, run, rows);
  } catch (error) {
    if (!isDataRefusal(error)) throw error;
    for (const row of rows) {
      await client.query('rollback to savepoint staging');
      await insert(client, run, [row]).catch((refusal: unknown) => {
        throw isDataRefusal(refusal) ? refusedRow(row.row, refusal) : refusal;
      });
    }
    throw error;
  }
  await client.query('release savepoint staging');
}

async function insert(client: PoolClient, run: Run, rows: readonly RatedRow[]): Promise<void> {
  const records = rows.map((row) => ({
    run_id: run.id,
    tenant_id: run.tenantId,
    row_no: row.row,
    is_total: row.isTotal,
    document_key: row.documentKey,
    invoice_number: row.invoiceNumber,
    invoice_date: row.invoiceDate,
    stated_total: row.statedTotal,
    kind_known: row.kindKnown,
    identity: row.identity,
    kind: row.kind,
    cmp_account_id: row.cmpAccountId,
    account_ref: row.cmpAccountId && mirrorId(run, 'provider-account', row.cmpAccountId),
    customer_name: row.customerName,
    cmp_subscription_id: row.cmpSubscriptionId,
    subscription_ref: row.cmpSubscriptionId && mirrorId(run, 'provider-subscription', row.cmpSubscriptionId),
    mpn: row.mpn,
    vendor: row.vendor,
    description: row.description,
    charge_type: row.chargeType,
    order_id: row.orderId,
    charge_start: row.chargeStart,
    charge_end: row.chargeEnd,
    unit_price: row.unitPrice,
    quantity: row.quantity,
    tax: row.tax,
    discount: row.discount,
    total: row.total,
    currency: row.currency,
    service: row.service,
    resource: row.resource,
    unit: row.unit,
    region: row.region,
    other: row.other,
    content: row.content,
  }));
  await client.query({
    name: 'rated-rows-stage',
    text: 'insert into rated_rows select * from json_populate_recordset(null::rated_rows, $1::json)',
    values: [JSON.stringify(records)],
  });
}

/** Includes rows of runs that ended without cleaning up. */
export const clearStage = (client: PoolClient, runId: string): Promise<unknown> =>
  client.query(
    `delete from rated_rows r where r.run_id = $1
       or not exists (select from sync_runs s where s.id = r.run_id and s.status = 'running')`,
    [runId],
  );

/** Data about the staged rows of one document, in addition to their sums. */
export interface StagedDocument extends DocumentSums {
  invoiceNumber: string | null;
  invoiceDate: string | null;
  /** Places of the first rows that repeat an earlier one. */
  repeats: number[];
}

interface Staged {
  documents: StagedDocument[];
  /** The total that the file states. */
  fileTotal?: string;
  rows: number;
  /** Rows that state a total. */
  totals: number;
  unknownChargeTypes: string[];
}

/** Adds the staged rows up, document by document. A total row with an invoice's number is that invoice's. */
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
      // A column with several totals for one invoice states something other than totals.
      stated: statedBy.get(one.key) ?? (statedTotals === 1 ? stated! : undefined),
    })),
    fileTotal: statedBy.get(''),
    rows: rows.reduce((count, one) => count + one.rows, 0),
    totals: totals.rows.length,
    unknownChargeTypes: [...new Set(rows.flatMap(({ unknown }) => unknown ?? []))].sort(),
  };
}

export const dropStagedRows = (client: PoolClient, runId: string): Promise<unknown> =>
  client.query('delete from rated_rows where run_id = $1', [runId]);
