import { messagingMigrationSql, messagingSubjectsSql } from '@isthmus/messaging';
import { auditActorsSql, auditSql, sharedPolicySql, tenantPolicySql } from '@isthmus/service-kit';
import { Migration } from '@mikro-orm/migrations';
import { intentKinds, intentStatuses } from '../write-intents/write-intent.ts';

const quoted = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

export class Migration0001FirstTables extends Migration {
  override up(): void {
    for (const sql of [...messagingMigrationSql, ...tables]) this.addSql(sql);
  }
}

const tables = [
  `create table write_intents (
    id uuid primary key,
    tenant_id uuid not null,
    connector_id uuid not null,
    kind text not null check (kind in (${quoted(intentKinds)})),
    key text not null,
    own_key boolean not null,
    in_force boolean not null,
    status text not null check (status in (${quoted(intentStatuses)})),
    customer_id uuid,
    subscription_id uuid,
    wish json not null,
    order_ids json not null,
    refusal json,
    handed_over boolean not null,
    asked_by text not null,
    created_at timestamptz not null,
    finished_at timestamptz
  )`,
  'create unique index write_intents_once on write_intents (tenant_id, connector_id, kind, key) where in_force',
  `create index write_intents_of_customer on write_intents (tenant_id, connector_id, customer_id) where kind = 'purchase'`,
  `create index write_intents_of_subscription on write_intents (tenant_id, connector_id, subscription_id)
    where subscription_id is not null`,
  `create index write_intents_unfinished on write_intents (created_at)
    where status = 'ordered' or (status = 'done' and not handed_over)`,
  `create table agreements (
    id uuid primary key,
    tenant_id uuid not null,
    connector_id uuid not null,
    customer_id uuid not null,
    template_id text not null,
    name text,
    signed_by json not null,
    signed_on timestamptz not null,
    created_at timestamptz not null
  )`,
  `create unique index agreements_once on agreements (tenant_id, connector_id, customer_id, template_id)`,
];

/** What is ordered for a write is kept, so that every try sends the same. */
export class Migration0002SettledOrders extends Migration {
  override up(): void {
    this.addSql('alter table write_intents add column orders json');
  }
}

export class Migration0003ReportedLines extends Migration {
  override up(): void {
    this.addSql(`create table reported_lines (
      tenant_id uuid not null,
      entry_id uuid not null,
      connector_id uuid not null,
      subscription_id uuid not null,
      product text not null,
      vendor text not null,
      mpn text not null,
      name text not null,
      friendly_name text,
      primary key (tenant_id, entry_id)
    )`);
    this.addSql(
      'create unique index reported_lines_once on reported_lines (tenant_id, subscription_id, product)',
    );
  }
}

/** Who requested a write is named as everywhere else; subjects of events got a token for the tenant. */
export class Migration0020FinalNames extends Migration {
  override up(): void {
    for (const sql of messagingSubjectsSql) this.addSql(sql);
    this.addSql('alter table write_intents rename column asked_by to requested_by');
  }
}

/** PostgreSQL itself keeps tenants apart. */
export class Migration0030TenantPolicies extends Migration {
  override up(): void {
    const own = tenantPolicySql('write_intents', 'agreements', 'reported_lines');
    for (const sql of [...sharedPolicySql, ...own]) this.addSql(sql);
  }
}

/** Who did what. */
export class Migration0031AuditLog extends Migration {
  override up(): void {
    for (const sql of auditSql) this.addSql(sql);
  }
}

/** Writes whose orders wait for an approval. */
export class Migration0032AwaitingApproval extends Migration {
  override up(): void {
    this.addSql('alter table write_intents drop constraint write_intents_status_check');
    this.addSql(
      `alter table write_intents add constraint write_intents_status_check check (status in (${quoted(intentStatuses)}))`,
    );
    this.addSql(
      `create index write_intents_awaiting on write_intents (id) where status = 'awaiting-approval'`,
    );
  }
}

/** Which calls Work 365 has made. */
export class Migration0056Work365Calls extends Migration {
  override up(): void {
    this.addSql(`create table work365_calls (
      id bigint generated always as identity primary key,
      tenant_id uuid not null,
      connector_id uuid not null,
      api_key_id uuid not null,
      api_key_label text not null,
      at timestamptz not null,
      method text not null,
      route text not null,
      status int not null,
      took_ms int not null,
      correlation_id text not null
    )`);
    this.addSql('create index work365_calls_of_tenant on work365_calls (tenant_id, id)');
    this.addSql('create index work365_calls_by_age on work365_calls (at)');
    for (const sql of tenantPolicySql('work365_calls')) this.addSql(sql);
  }
}

/** Writes are listed, the newest first. */
export class Migration0057WritesByTime extends Migration {
  override up(): void {
    this.addSql('create index write_intents_newest on write_intents (tenant_id, created_at, id)');
  }
}

/** Programs are told apart from people. */
export class Migration0058AuditActors extends Migration {
  override up(): void {
    this.addSql(auditActorsSql);
  }
}
