import { Migration } from '@mikro-orm/migrations';
import { scheduledKinds, scheduledStatuses } from '../scheduled-changes/scheduled-change.ts';

const quoted = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

/** Scheduled changes, at most one order for each; what people were warned of, and when to look at a subscription again. */
export class Migration0003ScheduledChanges extends Migration {
  override up(): void {
    for (const sql of statements) this.addSql(sql);
  }
}

const statements = [
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
