import type { PoolClient } from 'pg';
import { isDataRefusal, mirrorId, type MirrorOwner } from '@isthmus/sync-engine';
import type { RatedRow } from '../domain/rated-row.ts';
import { rowRefused } from '../domain/report.errors.ts';

type Run = MirrorOwner & { id: string };

/**
 * Gathers rows of a report for the time of a run. They travel as one JSON text, whose members PostgreSQL turns into their columns'
 * types: amounts go from text to numeric and are a float nowhere.
 * @throws ReportNotUsable (report.row-unreadable) naming the first row that PostgreSQL does not take
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
        throw isDataRefusal(refusal) ? rowRefused(row.row, refusal) : refusal;
      });
    }
    throw error;
  }
  await client.query('release savepoint staging');
}

async function insert(client: PoolClient, run: Run, rows: readonly RatedRow[]): Promise<void> {
  const records = rows.map((row) => ({
    run_id: run.id,
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

/** Also those of runs that came to their end without clearing up. */
export const clearStage = (client: PoolClient, runId: string): Promise<unknown> =>
  client.query(
    `delete from rated_rows r where r.run_id = $1
       or not exists (select from sync_runs s where s.id = r.run_id and s.status = 'running')`,
    [runId],
  );
