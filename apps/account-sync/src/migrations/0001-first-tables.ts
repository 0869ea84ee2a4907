import { Migration } from '@mikro-orm/migrations';
import { messagingMigrationSql } from '@isthmus/messaging';
import { idempotencySql } from '@isthmus/service-kit';
import { syncMigrationSql } from '@isthmus/sync-engine';

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
