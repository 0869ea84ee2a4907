import { messagingMigrationSql } from '@isthmus/messaging';
import { idempotencySql } from '@isthmus/service-kit';
import { Migration } from '@mikro-orm/migrations';
import { orderStatuses } from '../orders/order-lifecycle.ts';
import { orderKinds } from '../orders/order.ts';

const quoted = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

export class Migration0001FirstTables extends Migration {
  override up(): void {
    for (const sql of [...messagingMigrationSql, ...idempotencySql, ...tables]) this.addSql(sql);
  }
}

const tables = [
  `create table orders (
    id uuid primary key,
    position bigint generated always as identity,
    tenant_id uuid not null,
    connector_id uuid not null,
    queue text not null,
    kind text not null check (kind in (${quoted(orderKinds)})),
    status text not null check (status in (${quoted(orderStatuses)})),
    record json not null,
    next_step_at timestamptz,
    fence int not null default 0,
    leased_until timestamptz,
    leased_by text,
    version int not null default 1,
    subscription_id uuid,
    asked_by text not null,
    correlation_id text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  'create index orders_due on orders (next_step_at) where next_step_at is not null',
  `create index orders_queue on orders (connector_id, queue, position) where status not in ('settled', 'refused', 'withdrawn')`,
  'create index orders_newest on orders (tenant_id, position desc)',
  'create index orders_of_subscription on orders (subscription_id, position desc) where subscription_id is not null',
  `create table order_history (
    id bigint generated always as identity primary key,
    tenant_id uuid not null,
    order_id uuid not null references orders (id) on delete cascade,
    at timestamptz not null default now(),
    status text not null,
    reason json,
    by text not null
  )`,
  'create index order_history_of_order on order_history (order_id, id)',
  `create table cmp_pace (
    connector_id uuid primary key,
    tenant_id uuid not null,
    longest_seen_ms bigint not null
  )`,
  `create table provider_accounts (
    id uuid primary key,
    tenant_id uuid not null,
    connector_id uuid not null,
    cmp_account_id text not null,
    status text not null,
    version int not null
  )`,
  `create table account_links (
    provider_account_id uuid primary key,
    tenant_id uuid not null,
    tenant_account_id text,
    version int not null
  )`,
  `create table billing_contracts (
    id uuid primary key,
    tenant_id uuid not null,
    tenant_account_id text not null,
    is_default boolean not null,
    version int not null
  )`,
  `create table subscriptions (
    id uuid primary key,
    tenant_id uuid not null,
    connector_id uuid not null,
    cmp_subscription_id text not null,
    cmp_account_id text not null,
    provider_account_id uuid,
    name text not null,
    friendly_name text,
    status text not null,
    state json not null,
    billing_contract_id uuid,
    ended_at timestamptz,
    created_at timestamptz not null default now(),
    version int not null default 1
  )`,
  'create unique index subscriptions_at_cmp on subscriptions (tenant_id, connector_id, cmp_subscription_id)',
  `create table subscription_history (
    id bigint generated always as identity primary key,
    tenant_id uuid not null,
    subscription_id uuid not null references subscriptions (id) on delete cascade,
    at timestamptz not null default now(),
    source text not null check (source in ('cmp', 'order', 'person')),
    by text not null,
    order_id uuid,
    correlation_id text not null,
    changes json not null
  )`,
  'create index subscription_history_of_subscription on subscription_history (subscription_id, id)',
];
