/* eslint max-lines: ["error", 600] -- it only grows: what has been migrated must not change */
import { messagingMigrationSql, messagingSubjectsSql } from '@isthmus/messaging';
import {
  addTenantSql,
  auditActorsSql,
  auditSql,
  idempotencySql,
  sharedPolicySql,
  tenantPolicySql,
} from '@isthmus/service-kit';
import {
  connectorCountrySql,
  connectorRestoredSql,
  listedDigestsSql,
  syncClaimsSql,
  syncMigrationSql,
  syncPlansSql,
  syncPoliciesSql,
} from '@isthmus/sync-engine';
import { Migration } from '@mikro-orm/migrations';

const mirrorColumns = `
  id uuid primary key,
  tenant_id uuid not null,
  connector_id uuid not null,
  cmp_id text not null,
  hash uuid not null,
  read_at timestamptz not null,
  gone_at timestamptz,
  version int not null default 1`;

export class Migration0001FirstTables extends Migration {
  override up(): void {
    for (const sql of [...messagingMigrationSql, ...idempotencySql, ...syncMigrationSql, ...tables])
      this.addSql(sql);
  }
}

const tables = [
  `create table connectors (
    connector_id uuid primary key,
    tenant_id uuid not null,
    name text not null,
    currency text not null,
    status text not null check (status in ('active', 'paused', 'removed')),
    paused jsonb,
    schedule jsonb not null,
    version int not null,
    orders_cursor timestamptz
  )`,
  'create index connectors_tenant on connectors (tenant_id)',
  `create table provider_accounts (${mirrorColumns},
    name text not null,
    external_id text,
    status text not null,
    email text,
    contact_name text,
    tax_reg_id text,
    address json,
    custom_domain text,
    custom_domain_source text check (custom_domain_source in ('cmp', 'manual')),
    sync_enabled boolean not null default true,
    sync_enabled_at timestamptz,
    tenant_account_id text,
    linked_at timestamptz,
    linked_by text
  )`,
  'create index provider_accounts_by_connector on provider_accounts (tenant_id, connector_id, name, id)',
  'create index provider_accounts_by_name on provider_accounts (tenant_id, name, id)',
  'create index provider_accounts_by_tenant_account on provider_accounts (tenant_id, tenant_account_id) where tenant_account_id is not null',
  `create table provider_subscriptions (${mirrorColumns},
    cmp_account_id text not null,
    provider_account_id uuid not null,
    name text not null,
    status text not null,
    auto_renew boolean,
    creation_date date,
    renewal_date date,
    expiration_date date,
    last_modified_date date,
    billing_model text,
    billing_period text,
    term text,
    quantity int,
    lines json,
    plan_id text,
    microsoft_domain text,
    microsoft_tenant_id text,
    detail_hash uuid,
    detail_wanted_at timestamptz,
    detail_confirmed_at timestamptz,
    detail_failure text
  )`,
  'create index provider_subscriptions_by_account on provider_subscriptions (tenant_id, connector_id, provider_account_id)',
  `create index provider_subscriptions_wanted on provider_subscriptions (connector_id, detail_wanted_at)
    where detail_wanted_at is not null`,
  `create table provider_orders (${mirrorColumns},
    order_number text,
    type text not null,
    status text not null,
    status_code text,
    cmp_account_id text,
    creation_date timestamptz,
    provisioning_date timestamptz,
    cmp_subscription_id text,
    subscription_due boolean not null default false
  )`,
  `create index provider_orders_open on provider_orders (connector_id, status)
    where status in ('submitted', 'processing') or subscription_due`,
  `create table tenant_accounts (
    tenant_id uuid not null,
    id text not null,
    name text not null,
    domains text[] not null default '{}',
    emails text[] not null default '{}',
    tax_reg_id text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version int not null default 1,
    primary key (tenant_id, id)
  )`,
  `create table billing_contracts (
    id uuid primary key,
    tenant_id uuid not null,
    tenant_account_id text not null,
    name text not null,
    currency text not null,
    start_date date not null,
    end_date date check (end_date >= start_date),
    is_default boolean not null,
    created_at timestamptz not null,
    created_by text not null,
    version int not null default 1,
    foreign key (tenant_id, tenant_account_id) references tenant_accounts (tenant_id, id)
  )`,
  'create unique index billing_contracts_one_default on billing_contracts (tenant_id, tenant_account_id) where is_default',
  'create index billing_contracts_by_account on billing_contracts (tenant_id, tenant_account_id)',
];

/** Connectors are kept alike by every service that syncs; where the ticks stand is this service's own. */
export class Migration0002OrderCursors extends Migration {
  override up(): void {
    this.addSql(`create table order_cursors (
      connector_id uuid primary key,
      tenant_id uuid not null,
      newest timestamptz not null
    )`);
    this.addSql(`insert into order_cursors (connector_id, tenant_id, newest)
      select connector_id, tenant_id, orders_cursor from connectors where orders_cursor is not null`);
    this.addSql('alter table connectors drop column orders_cursor');
  }
}

export class Migration0003RatedData extends Migration {
  override up(): void {
    for (const sql of ratedDataTables) this.addSql(sql);
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

const ratedDataTables = [
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

export class Migration0004ConnectorCountry extends Migration {
  override up(): void {
    for (const sql of connectorCountrySql) this.addSql(sql);
  }
}

/** Customers that somebody wants made at CMP, which knows no idempotency. */
export class Migration0006AccountCreations extends Migration {
  override up(): void {
    this.addSql(`create table account_creations (
      tenant_id uuid not null,
      connector_id uuid not null,
      key uuid not null,
      sent_at timestamptz,
      cmp_id text,
      created_at timestamptz not null default now(),
      primary key (tenant_id, connector_id, key)
    )`);
  }
}

/** Orders that could not be stored when they were listed, to be asked for again. */
export class Migration0007UnreadOrders extends Migration {
  override up(): void {
    this.addSql(`alter table order_cursors add column unread text[] not null default '{}'`);
  }
}

/** What a report may say besides: whose account it charges, and how its numbers and days are written where it does not show. */
export class Migration0008ReportFormats extends Migration {
  override up(): void {
    for (const table of ['rated_rows', 'rated_lines'])
      this.addSql(`alter table ${table} add column cmp_account_id text, add column account_ref uuid`);
    this.addSql('alter table rated_lines drop constraint rated_lines_matched_by_check');
    this.addSql(`alter table rated_lines add constraint rated_lines_matched_by_check
      check (matched_by in ('subscription', 'account-id', 'customer-name'))`);
    this
      .addSql(`create index rated_lines_incomplete on rated_lines (tenant_id, connector_id, subscription_ref)
      where subscription_ref is not null and (vendor is null or billing_cycle is null)`);
    this.addSql(
      'alter table rated_reports add column run_id uuid, add column run_attempts int not null default 0',
    );
    this.addSql(`create table report_formats (
      tenant_id uuid not null,
      connector_id uuid not null,
      decimal_separator text check (decimal_separator in ('.', ',')),
      date_order text check (date_order in ('month-first', 'day-first')),
      changed_by text not null,
      changed_at timestamptz not null,
      primary key (tenant_id, connector_id)
    )`);
  }
}

/** Subscriptions are announced with their seats, a detail that failed is wanted again, and plans can be applied as shown. */
export class Migration0009AnnouncedSubscriptions extends Migration {
  override up(): void {
    for (const sql of syncPlansSql) this.addSql(sql);
    // What is here was announced when it was first listed; the default is for these rows alone, and costs no rewrite of the table.
    this.addSql(`alter table provider_subscriptions add column announced_version int default 1,
      add column detail_failures int not null default 0, add column gone_reason text`);
    this.addSql('alter table provider_subscriptions alter column announced_version drop default');
    this.addSql(
      `update provider_subscriptions set gone_reason = 'no-longer-listed' where gone_at is not null`,
    );
    // A reading that failed counted as done before: those are wanted again now.
    this.addSql(`update provider_subscriptions set detail_wanted_at = now(), detail_failures = 1
      where detail_failure is not null and detail_wanted_at is null and gone_at is null
        and status in ('pending', 'active', 'hold', 'unknown')`);
    this.addSql('drop index provider_subscriptions_wanted');
    this.addSql(`create index provider_subscriptions_wanted
      on provider_subscriptions (connector_id, (announced_version is not null), detail_wanted_at, id) where detail_wanted_at is not null`);
    this
      .addSql(`create index provider_subscriptions_unread on provider_subscriptions (connector_id, provider_account_id)
      where lines is null and gone_at is null`);
    this
      .addSql(`create index provider_subscriptions_live on provider_subscriptions (tenant_id, connector_id, provider_account_id, id)
      where gone_at is null and status in ('pending', 'active', 'hold', 'unknown')`);
  }
}

/** A connector may be removed and taken up again: why its records are gone, and since when its schedule counts. */
export class Migration0010RemovedConnectors extends Migration {
  override up(): void {
    for (const sql of connectorRestoredSql) this.addSql(sql);
    this.addSql('alter table provider_accounts add column gone_reason text');
    // Another migration that may have been there before adds the same.
    this.addSql('alter table provider_subscriptions add column if not exists gone_reason text');
  }
}

/** Orders explain when seats were added: what CMP's detail of an order says is kept, and told with everything else of it. */
export class Migration0011LinesOfOrders extends Migration {
  override up(): void {
    this.addSql('alter table provider_orders add column scheduled_on text, add column lines json');
  }
}

/** Workers claim sync runs from this table; before, a queue in JetStream gave them out. */
export class Migration0012ClaimedRuns extends Migration {
  override up(): void {
    for (const sql of syncClaimsSql) this.addSql(sql);
  }
}

/** Subjects of events got a token for the tenant. */
export class Migration0020TenantInSubjects extends Migration {
  override up(): void {
    for (const sql of messagingSubjectsSql) this.addSql(sql);
  }
}

/** PostgreSQL itself keeps tenants apart. */
export class Migration0030TenantPolicies extends Migration {
  override up(): void {
    const own = tenantPolicySql(
      'idempotency_keys',
      'provider_accounts',
      'provider_subscriptions',
      'provider_orders',
      'order_cursors',
      'account_creations',
      'tenant_accounts',
      'billing_contracts',
      'rated_reports',
      'rated_documents',
      'rated_lines',
      'report_formats',
    );
    const rows = addTenantSql('rated_rows', 'sync_runs', 'run_id');
    for (const sql of [...sharedPolicySql, ...syncPoliciesSql, ...own, ...rows]) this.addSql(sql);
  }
}

/** Who did what. */
export class Migration0031AuditLog extends Migration {
  override up(): void {
    for (const sql of auditSql) this.addSql(sql);
  }
}

/** How much work is due, for what decides how many processes there are; it reads nothing else (k8s/components/autoscaling/role.sql). */
export class Migration0040Backlog extends Migration {
  override up(): void {
    this.addSql(
      `create view backlog as select 'sync-run' as kind, count(*)::int as due from sync_runs
        where status in ('queued', 'running') and enqueued_at <= now()`,
    );
  }
}

/** Users match rated lines, or decide that they need no account. */
export class Migration0043DecidedLines extends Migration {
  override up(): void {
    this.addSql('alter table rated_lines drop constraint rated_lines_matched_by_check');
    this.addSql(`alter table rated_lines add constraint rated_lines_matched_by_check
      check (matched_by in ('subscription', 'account-id', 'customer-name', 'manual'))`);
    this.addSql(`alter table rated_lines add column excluded_at timestamptz, add column decided_by text,
      add column decision_reason text`);
  }
}

/** A listing reads only what CMP sends differently from last time. */
export class Migration0044ListedDigests extends Migration {
  override up(): void {
    this.addSql(listedDigestsSql('provider_subscriptions'));
  }
}

/** Programs are told apart from people. */
export class Migration0045AuditActors extends Migration {
  override up(): void {
    this.addSql(auditActorsSql);
  }
}
