import { Migration } from '@mikro-orm/migrations';
import { messagingMigrationSql, messagingSubjectsSql } from '@isthmus/messaging';
import {
  auditActorsSql,
  auditSql,
  auditWitnessSql,
  keyRotationMigrationSql,
  sharedPolicySql,
  tenantPolicySql,
} from '@isthmus/service-kit';

export class Migration0001FirstTables extends Migration {
  override up(): void {
    for (const sql of [...messagingMigrationSql, ...endpoints, ...events, ...deliveries]) this.addSql(sql);
  }
}

const endpoints = [
  `create table endpoints (
    id uuid primary key,
    tenant_id uuid not null,
    url text not null,
    description text not null,
    event_types text[] not null,
    status text not null check (status in ('enabled', 'disabled')),
    disabled_at timestamptz,
    disabled_reason text check (disabled_reason in ('by-hand', 'failing', 'gone')),
    failing_since timestamptz,
    failing_said boolean not null default false,
    last_failure text,
    held_until timestamptz,
    lease_token bigint not null default 0,
    lease_until timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version int not null default 1
  )`,
  'create index endpoints_of_tenant on endpoints (tenant_id, created_at, id)',
  `create table endpoint_secrets (
    endpoint_id uuid not null references endpoints on delete cascade,
    version int not null,
    tenant_id uuid not null,
    sealed text not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    primary key (endpoint_id, version)
  )`,
];

const events = [
  `create table events (
    id uuid primary key,
    sequence bigserial not null,
    tenant_id uuid not null,
    source text not null,
    type text not null,
    time timestamptz(3) not null,
    subject text not null,
    aggregate text not null,
    aggregate_version bigint not null,
    correlation_id text not null,
    traceparent text,
    data json not null,
    stored_at timestamptz not null default now()
  )`,
  'create index events_in_sequence on events (tenant_id, sequence)',
  'create index events_by_age on events (stored_at)',
];

const deliveries = [
  'create sequence delivery_position',
  `create table deliveries (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    endpoint_id uuid not null references endpoints on delete cascade,
    event_id uuid not null references events on delete cascade,
    aggregate text not null,
    status text not null check (status in ('pending', 'delivered', 'undelivered')),
    in_order boolean not null default false,
    position bigint not null default nextval('delivery_position'),
    round int not null default 1,
    tries int not null default 0,
    attempts int not null default 0,
    next_attempt_at timestamptz not null default now(),
    last_attempt_at timestamptz,
    last_status int,
    last_error text,
    created_at timestamptz not null default now(),
    constraint deliveries_once unique (endpoint_id, event_id)
  )`,
  `create index deliveries_in_line on deliveries (endpoint_id, position) where status = 'pending'`,
  `create index deliveries_due on deliveries (endpoint_id, next_attempt_at) where status = 'pending'`,
  `create index deliveries_in_order on deliveries (endpoint_id, aggregate, position) where status = 'pending' and in_order`,
  `create index deliveries_undelivered on deliveries (endpoint_id, created_at desc, id desc) where status = 'undelivered'`,
  'create index deliveries_listed on deliveries (endpoint_id, created_at desc, id desc)',
  'create index deliveries_of_event on deliveries (event_id)',
  `create table delivery_attempts (
    delivery_id uuid not null references deliveries on delete cascade,
    number int not null,
    tenant_id uuid not null,
    at timestamptz(3) not null,
    duration_ms int not null,
    url text not null,
    request_headers json not null,
    status int,
    error text,
    response_head text,
    primary key (delivery_id, number)
  )`,
];

/** Subjects of events got a token for the tenant. */
export class Migration0020TenantInSubjects extends Migration {
  override up(): void {
    for (const sql of messagingSubjectsSql) this.addSql(sql);
  }
}

/** PostgreSQL itself keeps tenants apart. */
export class Migration0030TenantPolicies extends Migration {
  override up(): void {
    const own = tenantPolicySql('endpoints', 'endpoint_secrets', 'events', 'deliveries', 'delivery_attempts');
    for (const sql of [...sharedPolicySql, ...own]) this.addSql(sql);
  }
}

/** Who did what; and the published ends of the audit logs of all services. */
export class Migration0031AuditLog extends Migration {
  override up(): void {
    for (const sql of [...auditSql, ...auditWitnessSql]) this.addSql(sql);
  }
}

/** Which instances have which keys. */
export class Migration0033KeysInUse extends Migration {
  override up(): void {
    for (const statement of keyRotationMigrationSql) this.addSql(statement);
  }
}

/** How much work is due, for what decides how many processes there are; it reads nothing else (k8s/components/autoscaling/role.sql). */
export class Migration0040Backlog extends Migration {
  override up(): void {
    this.addSql(
      `create view backlog as select 'webhook-delivery' as kind, count(*)::int as due from deliveries d join endpoints e on e.id = d.endpoint_id
        where d.status = 'pending' and d.next_attempt_at <= now() and e.status = 'enabled'`,
    );
  }
}

/** How much an endpoint got lately, and when the last. */
export class Migration0054DeliveredLately extends Migration {
  override up(): void {
    this.addSql(
      `create index deliveries_delivered on deliveries (endpoint_id, last_attempt_at) where status = 'delivered'`,
    );
  }
}

/** Programs are told apart from people. */
export class Migration0055AuditActors extends Migration {
  override up(): void {
    this.addSql(auditActorsSql);
  }
}
