import type { InvoiceBalance } from '@isthmus/contracts';
import { Conditions, type TenantRows } from '@isthmus/service-kit';

export interface InvoiceRow {
  id: string;
  connectorId: string;
  number: string;
  /** `YYYY-MM-DD`. */
  invoiceDate: string | null;
  currency: string;
  statedTotal: string | null;
  lineTotal: string;
  balance: InvoiceBalance;
  balanceDetail: string | null;
  lines: number;
  unmatchedLines: number;
  repeatedRows: number;
  cmpReportId: string;
  reportName: string;
  generatedAt: Date;
  createdAt: Date;
  changedAt: Date;
  version: number;
  /** Its place in the list. */
  place: string;
}

export interface InvoiceFilter {
  connectorId?: string;
  balance?: InvoiceBalance;
  /** Leaves unbalanced ones out. */
  soundOnly?: boolean;
}

const place = `coalesce(d.invoice_date, '0001-01-01')`;

const selectInvoice = `
  select d.id, d.connector_id as "connectorId", d.number, d.invoice_date::text as "invoiceDate", d.currency,
    d.stated_total::text as "statedTotal", d.line_total::text as "lineTotal", d.balance, d.balance_detail as "balanceDetail", d.lines,
    d.unmatched_lines as "unmatchedLines", d.repeated_rows as "repeatedRows", r.cmp_id as "cmpReportId", r.name as "reportName",
    d.generated_at as "generatedAt", d.created_at as "createdAt", d.changed_at as "changedAt", d.version, ${place}::text as place
  from rated_documents d join rated_reports r on r.id = d.report_id and r.tenant_id = d.tenant_id`;

/** The newest first; one row more than `limit` when there are more. */
export function listInvoices(
  rows: TenantRows,
  filter: InvoiceFilter,
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<InvoiceRow[]> {
  const where = new Conditions(`d.tenant_id = $1 and d.kind = 'invoice'`)
    .when(filter.connectorId, (id) => `d.connector_id = ${id}`)
    .when(filter.balance, (balance) => `d.balance = ${balance}`)
    .after(after, `${place}, d.id`, ['date', 'uuid'], '<');
  if (filter.soundOnly) where.and(`d.balance <> 'unbalanced'`);
  const more = where.param(limit + 1);
  return rows.select(
    `${selectInvoice} where ${where} order by ${place} desc, d.id desc limit ${more}`,
    where.values,
  );
}

/** @throws InvoiceNotFound */
export async function readInvoice(rows: TenantRows, id: string, connectorId?: string): Promise<InvoiceRow> {
  const where = new Conditions(`d.tenant_id = $1 and d.kind = 'invoice'`)
    .when(id, (value) => `d.id = ${value}`)
    .when(connectorId, (value) => `d.connector_id = ${value}`);
  const [row] = await rows.select<InvoiceRow>(`${selectInvoice} where ${where}`, where.values);
  if (!row) throw new InvoiceNotFound(id);
  return row;
}

export class InvoiceNotFound extends Error {
  override readonly name = 'InvoiceNotFound';
  readonly code = 'invoice.not-found';
  readonly nextStep = 'List the invoices and take an id from there.';
  constructor(readonly invoiceId: string) {
    super(`There is no invoice ${invoiceId}.`);
  }
}
