import type { InvoiceBalance, RatedLineKind } from '@isthmus/contracts';
import { DomainError, PartNumber } from '@isthmus/domain';
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

interface InvoiceFilter {
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

/** Newest first; one row more than `limit` if there are more. */
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

export class InvoiceNotFound extends DomainError {
  static override readonly code = 'invoice.not-found';
  constructor(readonly invoiceId: string) {
    super(`There is no invoice ${invoiceId}.`, { nextStep: 'List the invoices and take an id from there.' });
  }
}

export interface RatedLineRow {
  id: string;
  connectorId: string;
  documentId: string;
  invoiceId: string | null;
  rowNo: number;
  kind: RatedLineKind;
  /** The account's name if there is one, otherwise the report's. */
  customerName: string;
  cmpAccountId: string | null;
  cmpSubscriptionId: string | null;
  subscriptionName: string | null;
  mpn: string | null;
  vendor: string | null;
  /** Of the subscription, unless it is known to have no product with this MPN. */
  cmpProductId: string | null;
  term: string | null;
  description: string;
  chargeType: string;
  orderId: string | null;
  chargeStart: string | null;
  chargeEnd: string | null;
  unitPrice: string | null;
  quantity: string;
  tax: string | null;
  discount: string | null;
  total: string;
  currency: string;
  service: string | null;
  resource: string | null;
  unit: string | null;
  region: string | null;
  other: Record<string, string> | null;
  billingCycle: string | null;
  providerAccountId: string | null;
  providerSubscriptionId: string | null;
  matchedBy: 'subscription' | 'account-id' | 'customer-name' | null;
  unmatchedReason: string | null;
}

export interface RatedLineFilter {
  connectorId?: string;
  invoiceId?: string;
  kind?: RatedLineKind;
  matched?: boolean;
  /** Only what is on no invoice. */
  unbilled?: boolean;
  /** Leaves out the lines of what does not add up. */
  soundOnly?: boolean;
}

const selectLine = `
  select l.id, l.connector_id as "connectorId", l.document_id as "documentId",
    case when d.kind = 'invoice' then d.id end as "invoiceId", l.row_no as "rowNo", l.kind,
    coalesce(a.name, l.customer_name) as "customerName", l.cmp_account_id as "cmpAccountId",
    l.cmp_subscription_id as "cmpSubscriptionId", s.name as "subscriptionName",
    l.mpn, l.vendor, held.cmp_product_id as "cmpProductId",
    case when s.lines is null or held.cmp_product_id is not null then s.term end as term, l.description, l.charge_type as "chargeType", l.order_id as "orderId",
    l.charge_start::text as "chargeStart", l.charge_end::text as "chargeEnd", l.unit_price::text as "unitPrice",
    l.quantity::text as quantity, l.tax::text as tax, l.discount::text as discount, l.total::text as total, l.currency, l.service,
    l.resource, l.unit, l.region, l.other, l.billing_cycle as "billingCycle", l.provider_account_id as "providerAccountId",
    l.provider_subscription_id as "providerSubscriptionId", l.matched_by as "matchedBy", l.unmatched_reason as "unmatchedReason"
  from rated_lines l join rated_documents d on d.id = l.document_id and d.tenant_id = l.tenant_id
    left join provider_accounts a on a.id = l.provider_account_id and a.tenant_id = l.tenant_id
    left join provider_subscriptions s on s.id = l.provider_subscription_id and s.tenant_id = l.tenant_id
    left join lateral (
      select h.line->>'productId' as cmp_product_id from json_array_elements(s.lines) as h(line)
      where lower(h.line->>'mpn') = lower(l.mpn) limit 1) held on true`;

/** Reported before it was billed, and billed since: an invoice charges the same kind of the same product for its first day. */
const billedSince = `exists (
  select from rated_lines i join rated_documents b on b.id = i.document_id and b.kind = 'invoice'
  where i.tenant_id = l.tenant_id and i.connector_id = l.connector_id and i.cmp_subscription_id = l.cmp_subscription_id
    and i.mpn is not distinct from l.mpn and i.kind = l.kind
    and i.charge_start <= l.charge_start and i.charge_end >= l.charge_start)`;

/** Document by document, as in the file; one row more than `limit` if there are more. */
export function listRatedLines(
  rows: TenantRows,
  filter: RatedLineFilter,
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<RatedLineRow[]> {
  const order = 'l.document_id, l.row_no, l.id';
  const where = new Conditions('l.tenant_id = $1')
    .when(filter.connectorId, (id) => `l.connector_id = ${id}`)
    .when(filter.invoiceId, (id) => `l.document_id = ${id}`)
    .when(filter.kind, (kind) => `l.kind = ${kind}`)
    .after(after, order, ['uuid', 'int', 'uuid']);
  if (filter.matched !== undefined)
    where.and(`l.provider_account_id is ${filter.matched ? 'not null' : 'null'}`);
  if (filter.unbilled) where.and(`d.kind = 'unbilled' and not ${billedSince}`);
  if (filter.soundOnly) where.and(`d.balance <> 'unbalanced'`);
  const more = where.param(limit + 1);
  return rows.select(`${selectLine} where ${where} order by ${order} limit ${more}`, where.values);
}

/** Work 365's part number of a line; undefined if its vendor or MPN is unknown or cannot be part of one. */
export function linePartNumber(vendor: string | null, mpn: string | null): string | undefined {
  if (!vendor || !mpn) return undefined;
  try {
    return PartNumber.print(PartNumber.of(vendor, mpn));
  } catch {
    return undefined;
  }
}
