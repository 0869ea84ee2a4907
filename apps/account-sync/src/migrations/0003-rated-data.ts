import { Migration } from '@mikro-orm/migrations';

export class Migration0003RatedData extends Migration {
  override up(): void {
    for (const sql of tables) this.addSql(sql);
  }
}

/** What a report states of a line, alike where rows are gathered and where lines are kept. */
const line = `
  kind text not null check (kind in ('licence', 'usage', 'one-off')),
  customer_name text not null,
  cmp_subscription_id text,
  subscription_ref uuid,
  mpn text,
  vendor text,
  description text not null,
  charge_type text not null,
  order_id text,
  charge_start date,
  charge_end date,
  unit_price numeric,
  quantity numeric not null,
  tax numeric,
  discount numeric,
  total numeric not null,
  currency text not null,
  service text,
  resource text,
  unit text,
  region text,
  other json,
  content uuid not null`;

const tables = [
  `create table rated_reports (
    id uuid primary key,
    tenant_id uuid not null,
    connector_id uuid not null,
    cmp_id text not null,
    name text not null,
    type text,
    format text,
    generated_at timestamptz not null,
    period_from timestamptz,
    period_until timestamptz,
    status text not null check (status in ('imported', 'failed')),
    attempts int not null,
    rows int not null default 0,
    failure json,
    unknown_charge_types text[] not null default '{}',
    read_at timestamptz not null
  )`,
  'create index rated_reports_by_connector on rated_reports (tenant_id, connector_id, generated_at desc, id)',
  `create table rated_documents (
    id uuid primary key,
    tenant_id uuid not null,
    connector_id uuid not null,
    kind text not null check (kind in ('invoice', 'unbilled')),
    number text not null,
    invoice_date date,
    currency text not null,
    stated_total numeric,
    line_total numeric not null,
    balance text not null check (balance in ('balanced', 'unbalanced', 'unchecked')),
    balance_detail text,
    lines int not null,
    unmatched_lines int not null,
    repeated_rows int not null,
    report_id uuid not null,
    generated_at timestamptz not null,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    version int not null default 1
  )`,
  `create index rated_documents_invoices on rated_documents (tenant_id, connector_id, coalesce(invoice_date, '0001-01-01'), id)
    where kind = 'invoice'`,
  // Filled and emptied within one run, so a crash may take it: the run begins the report again.
  `create unlogged table rated_rows (
    run_id uuid not null,
    row_no int not null,
    is_total boolean not null,
    document_key text not null,
    invoice_number text,
    invoice_date date,
    stated_total numeric,
    kind_known boolean not null,
    identity uuid not null,
    ${line},
    primary key (run_id, row_no)
  )`,
  `create table rated_lines (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    connector_id uuid not null,
    document_id uuid not null,
    row_no int not null,
    ${line},
    billing_cycle text,
    provider_account_id uuid,
    provider_subscription_id uuid,
    matched_by text check (matched_by in ('subscription', 'customer-name')),
    unmatched_reason text
  )`,
  'create index rated_lines_by_document on rated_lines (document_id, row_no, id)',
  `create index rated_lines_unmatched on rated_lines (tenant_id, connector_id, document_id, row_no, id)
    where provider_account_id is null`,
  `create index rated_lines_without_subscription on rated_lines (connector_id, subscription_ref)
    where provider_subscription_id is null`,
  'create index rated_lines_by_charge on rated_lines (connector_id, cmp_subscription_id, mpn, charge_start)',
];
