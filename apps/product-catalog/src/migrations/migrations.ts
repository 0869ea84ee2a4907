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
  connectorMigrationSql,
  connectorRestoredSql,
  syncMigrationSql,
  syncPlansSql,
  syncPoliciesSql,
  syncClaimsSql,
} from '@isthmus/sync-engine';
import { Migration } from '@mikro-orm/migrations';

export class Migration0001FirstTables extends Migration {
  override up(): void {
    const shared = [
      ...messagingMigrationSql,
      ...idempotencySql,
      ...connectorMigrationSql,
      ...syncMigrationSql,
    ];
    for (const sql of [...shared, ...tables]) this.addSql(sql);
  }
}

const tables = [
  `create table products (
    id uuid primary key,
    tenant_id uuid not null,
    connector_id uuid not null,
    cmp_id text not null,
    hash uuid not null,
    read_at timestamptz not null,
    gone_at timestamptz,
    version int not null default 1,
    cmp_product_id text,
    vendor text not null,
    mpn text not null,
    vendor_key text not null,
    mpn_key text not null,
    mpn_squeezed text not null,
    name_key text not null,
    name text not null,
    service_name text,
    billing_period text,
    term text,
    billing_model text,
    minimum numeric,
    maximum numeric,
    prices json not null,
    costs json not null,
    depends_on json not null,
    coterming json
  )`,
  'create index products_by_part_number on products (connector_id, mpn_key, vendor_key)',
  'create index products_by_squeezed on products (connector_id, mpn_squeezed text_pattern_ops)',
  'create index products_by_words on products (connector_id, name_key)',
  'create index products_by_cmp_id on products (connector_id, cmp_id)',
  'create index products_by_name on products (tenant_id, name, id)',
  'create index products_live on products (tenant_id, connector_id) where gone_at is null',
  `create table price_list_entries (
    id bigserial primary key,
    tenant_id uuid not null,
    product_id uuid not null,
    currency text not null,
    type text not null,
    model text not null,
    lower_limit numeric not null,
    amount numeric,
    cost numeric,
    effective_from timestamptz not null,
    effective_to timestamptz
  )`,
  'create index price_list_entries_by_product on price_list_entries (product_id, effective_from)',
  'create index price_list_entries_present on price_list_entries (product_id) where effective_to is null',
  `create table part_number_mappings (
    id uuid primary key,
    tenant_id uuid not null,
    connector_id uuid not null,
    part_number text not null,
    part_number_key text not null,
    billing_period text not null,
    term text not null,
    product_id uuid,
    version int not null,
    source text not null check (source in ('person', 'suggestion', 'import')),
    reason text not null,
    mapped_by text not null,
    mapped_at timestamptz not null,
    ended_by text,
    ended_at timestamptz,
    end_reason text
  )`,
  `create unique index part_number_mappings_in_force on part_number_mappings
    (connector_id, part_number_key, billing_period, term) where ended_at is null`,
  'create index part_number_mappings_history on part_number_mappings (connector_id, part_number_key, version)',
  `create table part_numbers (
    id uuid primary key,
    tenant_id uuid not null,
    connector_id uuid not null,
    part_number text not null,
    part_number_key text not null,
    billing_period text not null,
    term text not null,
    state text not null check (state in ('unmapped', 'ambiguous', 'mapped', 'excluded')),
    product_id uuid,
    decided_by text check (decided_by in ('mapping', 'rule')),
    candidate_count int not null,
    reason text,
    seen_name text,
    first_seen_at timestamptz not null,
    judged_at timestamptz not null
  )`,
  'create unique index part_numbers_one on part_numbers (connector_id, part_number_key, billing_period, term)',
  'create index part_numbers_by_state on part_numbers (tenant_id, connector_id, state, part_number_key, id)',
  `create table subscription_uses (
    provider_subscription_id uuid not null,
    line int not null,
    tenant_id uuid not null,
    connector_id uuid not null,
    cmp_subscription_id text not null,
    provider_account_id uuid,
    part_number_id uuid not null,
    cmp_product_id text not null,
    name text not null,
    quantity numeric not null,
    status text not null,
    primary key (provider_subscription_id, line)
  )`,
  'create index subscription_uses_by_part_number on subscription_uses (part_number_id)',
  'create index subscription_uses_by_product on subscription_uses (connector_id, cmp_product_id)',
  `create table seen_subscriptions (
    provider_subscription_id uuid primary key,
    tenant_id uuid not null,
    version int not null
  )`,
  `create table mapping_imports (
    id uuid primary key,
    tenant_id uuid not null,
    connector_id uuid not null,
    status text not null check (status in ('reading', 'previewed', 'applied')),
    counts json not null,
    created_by text not null,
    created_at timestamptz not null,
    applied_by text,
    applied_at timestamptz
  )`,
  'create index mapping_imports_by_time on mapping_imports (tenant_id, created_at desc, id desc)',
  `create table mapping_import_rows (
    import_id uuid not null,
    row int not null,
    line int not null,
    part_number text not null,
    part_number_key text,
    billing_period text,
    term text,
    action text,
    product text,
    product_id uuid,
    reason text,
    outcome text not null check (outcome in ('map', 'change', 'exclude', 'unmap', 'unchanged', 'duplicate', 'refused')),
    problem text,
    applied boolean not null default false,
    primary key (import_id, row)
  )`,
  'create index mapping_import_rows_by_key on mapping_import_rows (import_id, part_number_key, billing_period, term, row)',
];

/** A price list is asked for by market, which is the connector's country, and handed out product by product. */
export class Migration0002PriceLists extends Migration {
  override up(): void {
    for (const sql of connectorCountrySql) this.addSql(sql);
    this.addSql('create index products_by_connector on products (connector_id, id)');
  }
}

/** A mapping may be its product's alias: the one part number that reads show it by. */
export class Migration0003Aliases extends Migration {
  override up(): void {
    this.addSql(
      `alter table part_number_mappings add column alias boolean not null default false
         check (not alias or (product_id is not null and billing_period = '' and term = ''))`,
    );
    this.addSql(
      `create unique index part_number_mappings_one_alias on part_number_mappings (connector_id, product_id)
         where alias and ended_at is null`,
    );
  }
}

/** A connector may be removed and taken up again: why its products are withdrawn, and since when its schedule counts. */
export class Migration0004RemovedConnectors extends Migration {
  override up(): void {
    for (const sql of connectorRestoredSql) this.addSql(sql);
    this.addSql('alter table products add column gone_reason text');
  }
}

/** Runs that wait for approval no longer stand in the way of others, and plans can be applied as shown. */
export class Migration0009SyncPlans extends Migration {
  override up(): void {
    for (const sql of syncPlansSql) this.addSql(sql);
  }
}

/** Catalogue syncs are claimed from this table; before, a queue in JetStream gave them out. */
export class Migration0010ClaimedRuns extends Migration {
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
      'products',
      'price_list_entries',
      'part_number_mappings',
      'part_numbers',
      'subscription_uses',
      'seen_subscriptions',
      'mapping_imports',
    );
    const rows = addTenantSql('mapping_import_rows', 'mapping_imports', 'import_id');
    for (const sql of [...sharedPolicySql, ...syncPoliciesSql, ...own, ...rows]) this.addSql(sql);
    // The rows of a file are counted before they are evaluated; else that needs the owner of the table.
    this.addSql('grant maintain on mapping_import_rows to public');
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
      `create view backlog as select 'catalog-sync' as kind, count(*)::int as due from sync_runs
        where status in ('queued', 'running') and enqueued_at <= now()`,
    );
  }
}

/** Programs are told apart from people. */
export class Migration0041AuditActors extends Migration {
  override up(): void {
    this.addSql(auditActorsSql);
  }
}
