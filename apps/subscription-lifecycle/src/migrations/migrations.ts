/* eslint max-lines: ["error", 600] -- it only grows: what has been migrated must not change */
import { messagingMigrationSql, messagingSubjectsSql } from '@isthmus/messaging';
import {
  auditActorsSql,
  auditSql,
  idempotencySql,
  sharedPolicySql,
  tenantPolicySql,
} from '@isthmus/service-kit';
import { Migration } from '@mikro-orm/migrations';
import { orderStatuses } from '../orders/order-lifecycle.ts';
import { orderKinds } from '../orders/order.ts';
import { scheduledKinds, scheduledStatuses } from '../scheduled-changes/scheduled-change.ts';

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

/** Quotes, and which order was placed for one: at most one, because who agreed to it agreed once. */
export class Migration0002Quotes extends Migration {
  override up(): void {
    for (const sql of statements) this.addSql(sql);
  }
}

const statements = [
  `create table quotes (
    id uuid primary key,
    tenant_id uuid not null,
    command json not null,
    quote json not null,
    asked_by text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  'create index quotes_expired on quotes (expires_at)',
  'alter table orders add column quote_id uuid',
  'create unique index orders_of_quote on orders (quote_id) where quote_id is not null',
];

/** Scheduled changes, at most one order for each; what people were warned of, and when to look at a subscription again. */
export class Migration0003ScheduledChanges extends Migration {
  override up(): void {
    for (const sql of scheduledChangeStatements) this.addSql(sql);
  }
}

const scheduledChangeStatements = [
  `create table scheduled_changes (
    id uuid primary key,
    position bigint generated always as identity,
    tenant_id uuid not null,
    connector_id uuid not null,
    subscription_id uuid not null references subscriptions (id),
    kind text not null check (kind in (${quoted(scheduledKinds)})),
    seats int,
    auto_renew boolean,
    mpn text,
    due_at timestamptz,
    drop_scheduled boolean not null default false,
    status text not null check (status in (${quoted(scheduledStatuses)})),
    reason json,
    order_id uuid references orders (id),
    instead_of_order uuid unique references orders (id),
    next_try_at timestamptz,
    version int not null default 1,
    asked_by text not null,
    correlation_id text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  'create index scheduled_changes_due on scheduled_changes (next_try_at) where next_try_at is not null',
  'create index scheduled_changes_newest on scheduled_changes (tenant_id, position desc)',
  'create index scheduled_changes_of_subscription on scheduled_changes (subscription_id, position desc)',
  'alter table orders add column scheduled_change_id uuid',
  'create unique index orders_of_scheduled_change on orders (scheduled_change_id) where scheduled_change_id is not null',
  `create table warnings_told (
    subscription_id uuid not null references subscriptions (id) on delete cascade,
    tenant_id uuid not null,
    kind text not null,
    about timestamptz not null,
    ahead int not null,
    told_at timestamptz not null default now(),
    primary key (subscription_id, kind, about, ahead)
  )`,
  'create index warnings_told_about on warnings_told (about)',
  'alter table subscriptions add column look_at timestamptz default now(), add column looked_with text',
  'create index subscriptions_look on subscriptions (look_at) where look_at is not null',
];

/** W3C traceparent of the command: what workers do about the order, hours later too, belongs to its trace. */
export class Migration0004TraceOfOrder extends Migration {
  override up(): void {
    this.addSql('alter table orders add column traceparent text');
  }
}

/** Windows are told of by product line: those of one purchase close at the same moment. */
export class Migration0005WarningsByLine extends Migration {
  override up(): void {
    this.addSql("alter table warnings_told add column line text not null default ''");
    this.addSql('alter table warnings_told drop constraint warnings_told_pkey');
    this.addSql('alter table warnings_told add primary key (subscription_id, kind, about, ahead, line)');
  }
}

/** Every command for an immediate change asks whether something would be lost by it; a queue may be thousands long. */
export class Migration0006OrdersForRenewal extends Migration {
  override up(): void {
    this.addSql(
      `create index orders_for_renewal on orders (subscription_id)
       where kind = 'change-quantity' and status not in ('settled', 'refused', 'withdrawn')
         and record -> 'ask' ->> 'when' = 'renewal'`,
    );
  }
}

/** Every order of CMP, whoever placed it: only they explain when a term began or seats were added. */
export class Migration0007ProviderOrders extends Migration {
  override up(): void {
    for (const sql of providerOrderTables) this.addSql(sql);
  }
}

const providerOrderTables = [
  `create table provider_orders (
    connector_id uuid not null,
    cmp_order_id text not null,
    tenant_id uuid not null,
    cmp_subscription_ids text[] not null,
    order_number text,
    type text not null,
    status text not null,
    created_at timestamptz,
    done_at timestamptz,
    scheduled_on text,
    upgrade boolean not null default false,
    lines json,
    version int not null,
    primary key (connector_id, cmp_order_id)
  )`,
  'create index provider_orders_by_subscription on provider_orders using gin (cmp_subscription_ids)',
  `create index orders_by_cmp_subscription on orders (connector_id, (record ->> 'cmpSubscriptionId'))
    where status = 'settled' and kind in ('create', 'change-quantity')`,
  `create index orders_unproved_by_cmp_order on orders (connector_id, (record ->> 'cmpOrderId')) where status <> 'settled'`,
];

/**
 * Which connectors are paused, and why: orders say that they wait for it. A scheduled change keeps the term and billing
 * period that were meant when it was planned.
 */
export class Migration0008OrdersThatWait extends Migration {
  override up(): void {
    this.addSql(
      `create table connector_pauses (
        connector_id uuid primary key,
        tenant_id uuid not null,
        paused boolean not null,
        automatic boolean not null,
        detail text not null,
        next_step text not null,
        by text not null,
        version int not null
      )`,
    );
    this.addSql(
      'create index if not exists provider_accounts_at_cmp on provider_accounts (connector_id, cmp_account_id)',
    );
    this.addSql('alter table scheduled_changes add column term text, add column billing_period text');
  }
}

/** Who decided on a subscription's contract, whether it was announced, names of accounts, and connectors that were removed. */
export class Migration0009Ownership extends Migration {
  override up(): void {
    for (const sql of ownershipStatements) this.addSql(sql);
  }
}

const ownershipStatements = [
  `alter table subscriptions
    add column assignment text not null default 'default' check (assignment in ('default', 'manual', 'transferred')),
    add column announced boolean not null default true`,
  `update subscriptions s set assignment = 'manual' where exists (
    select from subscription_history h, json_array_elements(h.changes) change
    where h.subscription_id = s.id and h.source = 'person' and change ->> 'fact' = 'billingContractId')`,
  // What CMP no longer lists kept the last status of the listing until now.
  `update subscriptions set status = 'no-longer-listed', state = (state::jsonb || '{"status": "no-longer-listed"}')::json
   where ended_at is not null and status not in ('terminated', 'removed')`,
  'create index subscriptions_of_account on subscriptions (provider_account_id)',
  // Each news of an account looks for subscriptions that came before it.
  `create index subscriptions_without_account on subscriptions (tenant_id, connector_id, cmp_account_id)
    where provider_account_id is null`,
  'alter table subscription_history drop constraint subscription_history_source_check',
  `alter table subscription_history add constraint subscription_history_source_check
    check (source in ('cmp', 'order', 'person', 'default-contract', 'account-link'))`,
  'alter table provider_accounts add column name text, add column custom_domain text',
  'create index account_links_of_tenant_account on account_links (tenant_id, tenant_account_id)',
  'create index billing_contracts_of_tenant_account on billing_contracts (tenant_id, tenant_account_id)',
  `create table connector_removals (
    connector_id uuid primary key,
    tenant_id uuid not null,
    removed boolean not null,
    version int not null
  )`,
];

/**
 * The words of the glossary in what is stored: of an order the spec and who requested it when, of a repeated request its
 * route, of a warning the event that announced it. Subjects of events got a token for the tenant.
 */
export class Migration0020FinalNames extends Migration {
  override up(): void {
    for (const sql of [...messagingSubjectsSql, ...finalNames]) this.addSql(sql);
  }
}

/**
 * JSON whose members are renamed as text, because PostgreSQL would refuse to look into a document with a `\u0000`. Within a
 * string a quotation mark is escaped, so that nothing but a member can match.
 */
const renamed = (column: string, names: Record<string, string>): string =>
  `${Object.entries(names).reduce(
    (text, [from, to]) => `regexp_replace(${text}, '"${from}"\\s*:', '"${to}":', 'g')`,
    `${column}::text`,
  )}::json`;

const finalNames = [
  'alter table orders rename column asked_by to requested_by',
  'alter table quotes rename column asked_by to requested_by',
  'alter table scheduled_changes rename column asked_by to requested_by',
  'drop index orders_for_renewal',
  `update orders set record = ${renamed('record', { ask: 'spec', askedAt: 'requestedAt', withdrawAsked: 'withdrawRequested' })}`,
  `create index orders_for_renewal on orders (subscription_id)
    where kind = 'change-quantity' and status not in ('settled', 'refused', 'withdrawn')
      and record -> 'spec' ->> 'when' = 'renewal'`,
  `update quotes set quote = ${renamed('quote', { ask: 'spec' })}`,
  `update quotes set quote = regexp_replace(quote::text, '"answer"\\s*:\\s*"not-asked"', '"answer":"not-requested"')::json`,
  `update idempotency_keys set route = 'rpc place-orders' where route = 'ask place-orders'`,
  `update warnings_told set kind = case kind when 'window-closing' then 'window-closing-announced' else 'renewal-announced' end
   where kind in ('window-closing', 'renewal-ahead')`,
];

/** PostgreSQL itself keeps tenants apart; what was searched by an expression of JSON or an array is now searched by a column. */
export class Migration0030TenantPolicies extends Migration {
  override up(): void {
    for (const sql of [...searchedColumns, ...sharedPolicySql, ...policies]) this.addSql(sql);
  }
}

const searchedColumns = [
  `alter table orders add column cmp_order_id text generated always as (record ->> 'cmpOrderId') stored,
    add column cmp_subscription_id text generated always as (record ->> 'cmpSubscriptionId') stored`,
  'drop index orders_by_cmp_subscription, orders_unproved_by_cmp_order, provider_orders_by_subscription',
  `create index orders_by_cmp_subscription on orders (connector_id, cmp_subscription_id)
    where status = 'settled' and kind in ('create', 'change-quantity')`,
  `create index orders_unproved_by_cmp_order on orders (connector_id, cmp_order_id) where status <> 'settled'`,
  `create table provider_order_subscriptions (
    connector_id uuid not null,
    cmp_subscription_id text not null,
    cmp_order_id text not null,
    tenant_id uuid not null,
    primary key (connector_id, cmp_subscription_id, cmp_order_id)
  )`,
  `insert into provider_order_subscriptions (connector_id, cmp_subscription_id, cmp_order_id, tenant_id)
    select distinct connector_id, unnest(cmp_subscription_ids), cmp_order_id, tenant_id from provider_orders`,
];

const policies = tenantPolicySql(
  'idempotency_keys',
  'orders',
  'order_history',
  'cmp_pace',
  'provider_accounts',
  'account_links',
  'billing_contracts',
  'connector_pauses',
  'connector_removals',
  'subscriptions',
  'subscription_history',
  'provider_orders',
  'provider_order_subscriptions',
  'quotes',
  'scheduled_changes',
  'warnings_told',
);

/** Who did what. */
export class Migration0031AuditLog extends Migration {
  override up(): void {
    for (const sql of auditSql) this.addSql(sql);
  }
}

/** Orders may wait for approval, by limits that belong to the connector; purchases of an hour and a day are counted. */
export class Migration0032OrderGuard extends Migration {
  override up(): void {
    this.addSql('alter table orders drop constraint orders_status_check');
    this.addSql(
      `alter table orders add constraint orders_status_check check (status in (${quoted(orderStatuses)}))`,
    );
    this.addSql(
      `create index orders_recent_purchases on orders (connector_id, created_at) where kind = 'create'`,
    );
    this.addSql(
      `create table connector_guards (
        connector_id uuid primary key,
        tenant_id uuid not null,
        guard json not null,
        version int not null
      )`,
    );
  }
}

/** PostgreSQL keeps tenants apart in the tables that are newer than the other policies. */
export class Migration0034TenantPolicies extends Migration {
  override up(): void {
    for (const sql of tenantPolicySql('connector_guards')) this.addSql(sql);
  }
}

/** Orders of a subscription are found by tenant and subscription, in one index. */
export class Migration0035OrdersOfSubscription extends Migration {
  override up(): void {
    this.addSql('drop index orders_of_subscription');
    this.addSql(
      'create index orders_of_subscription on orders (tenant_id, subscription_id, position desc) where subscription_id is not null',
    );
  }
}

/** How much work is due, for what decides how many processes there are; it reads nothing else (k8s/components/autoscaling/role.sql). */
export class Migration0040Backlog extends Migration {
  override up(): void {
    this.addSql(
      `create view backlog as select 'order' as kind, count(*)::int as due from orders where next_step_at <= now()`,
    );
  }
}

/** The calls to CMP that were made for an order. */
export class Migration0041OrderCalls extends Migration {
  override up(): void {
    this.addSql(
      `create table order_calls (
        id bigint generated always as identity primary key,
        tenant_id uuid not null,
        order_id uuid not null references orders (id) on delete cascade,
        at timestamptz not null,
        operation text not null,
        method text not null,
        path text not null,
        attempt int not null,
        lane text not null,
        http_status int,
        result text not null,
        took_ms int not null,
        waited_ms int not null,
        cmp_correlation_id text,
        response json
      )`,
    );
    this.addSql('create index order_calls_of_order on order_calls (order_id, id)');
    this.addSql('create index order_calls_by_age on order_calls (at)');
    for (const sql of tenantPolicySql('order_calls')) this.addSql(sql);
  }
}

/** Orders that CMP lists are shown with ours. */
export class Migration0042OrdersByCmpOrder extends Migration {
  override up(): void {
    this.addSql(
      `create index orders_by_cmp_order on orders (connector_id, cmp_order_id) where cmp_order_id is not null`,
    );
  }
}

/** Programs are told apart from people. */
export class Migration0043AuditActors extends Migration {
  override up(): void {
    this.addSql(auditActorsSql);
  }
}

/** A purchase form proposes the Microsoft tenants that an account has bought for: its purchases alone are read. */
export class Migration0044PurchasesOfAccount extends Migration {
  override up(): void {
    this.addSql(
      `alter table orders
        add column cmp_account_id text generated always as (record -> 'spec' ->> 'cmpAccountId') stored`,
    );
    this.addSql(
      `create index orders_purchases_of_account on orders (connector_id, cmp_account_id)
        where kind = 'create' and status = 'settled'`,
    );
  }
}
