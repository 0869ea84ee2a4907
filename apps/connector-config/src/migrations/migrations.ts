import { messagingMigrationSql, messagingSubjectsSql } from '@isthmus/messaging';
import {
  auditActorsSql,
  auditSql,
  auditWitnessSql,
  keyRotationMigrationSql,
  sharedPolicySql,
  tenantPolicySql,
} from '@isthmus/service-kit';
import { Migration } from '@mikro-orm/migrations';

export class M0001CreateConnectors extends Migration {
  override up(): void {
    for (const statement of [...connectors, ...connectorSecrets, ...apiKeys, ...messagingMigrationSql]) {
      this.addSql(statement);
    }
  }
}

const connectors = [
  `create table "connectors" ("id" uuid not null, "tenant_id" uuid not null, "name" text not null,
   "name_key" text null, "username" text not null, "api_url" text not null, "account_id" text not null,
   "country" text not null, "currency" text not null, "marketplace" text not null,
   "marketplace_chosen" boolean not null, "schedule" jsonb not null, "call_limit" jsonb not null,
   "status" text not null, "paused" jsonb null, "connection_version" int not null, "verification" jsonb null,
   "created_at" timestamptz not null, "updated_at" timestamptz not null, "version" int not null default 1,
   primary key ("id"), constraint "connectors_name_taken" unique ("tenant_id", "name_key"),
   constraint "connectors_status_check" check ("status" in ('active', 'paused', 'removed')))`,
];

const connectorSecrets = [
  `create table "connector_secrets" ("connector_id" uuid not null, "field" text not null, "version" int not null,
   "tenant_id" uuid not null, "sealed" text null, "set_by" text not null, "set_at" timestamptz not null,
   primary key ("connector_id", "field", "version"),
   constraint "connector_secrets_field_check" check ("field" in ('password', 'subscriptionKey')),
   constraint "connector_secrets_connector_id_foreign" foreign key ("connector_id") references "connectors" ("id"))`,
];

const apiKeys = [
  `create table "api_keys" ("id" uuid not null, "tenant_id" uuid not null, "connector_id" uuid not null,
   "label" text not null, "prefix" text not null, "hash" text not null, "created_by" text not null,
   "created_at" timestamptz not null, "last_used_at" timestamptz null, "revoked_at" timestamptz null,
   primary key ("id"), constraint "api_keys_hash_unique" unique ("hash"),
   constraint "api_keys_connector_id_foreign" foreign key ("connector_id") references "connectors" ("id"))`,
  `create index "api_keys_connector_id_index" on "api_keys" ("connector_id")`,
];

/** How Work 365 is answered through a connector's API keys. */
export class M0002FieldNames extends Migration {
  override up(): void {
    this.addSql(
      `alter table "connectors" add column "field_names" text not null default 'camelCase'
         constraint "connectors_field_names_check" check ("field_names" in ('camelCase', 'PascalCase'))`,
    );
  }
}

/** What orders need to know of a connector: the term of a frequency, and who attested to being the partner of record. */
export class M0003OrderSettings extends Migration {
  override up(): void {
    this.addSql(
      `alter table "connectors" add column "term_of_frequency" jsonb not null default '{}',
         add column "partner_attestation" jsonb null`,
    );
  }
}

/** A removed connector is archived, and found again by the account it is for. */
export class M0004ArchivedConnectors extends Migration {
  override up(): void {
    this.addSql(
      `alter table "connectors" add column "removed_at" timestamptz null, add column "restored_at" timestamptz null`,
    );
    this.addSql(`update "connectors" set "removed_at" = "updated_at" where "status" = 'removed'`);
    this.addSql(
      `create index "connectors_by_account" on "connectors" ("tenant_id", "api_url", "account_id")`,
    );
  }
}

/** Subjects of events got a token for the tenant. */
export class M0020TenantInSubjects extends Migration {
  override up(): void {
    for (const sql of messagingSubjectsSql) this.addSql(sql);
  }
}

/** PostgreSQL itself keeps tenants apart. */
export class M0030TenantPolicies extends Migration {
  override up(): void {
    const own = tenantPolicySql('connectors', 'connector_secrets', 'api_keys');
    for (const sql of [...sharedPolicySql, ...own]) this.addSql(sql);
  }
}

/** Who did what; and the published ends of the audit log of webhooks, which keeps those of all others. */
export class M0031AuditLog extends Migration {
  override up(): void {
    for (const sql of [...auditSql, ...auditWitnessSql]) this.addSql(sql);
  }
}

/** Which orders need a quote or an approval, as far as it differs from the default. */
export class M0032OrderGuard extends Migration {
  override up(): void {
    this.addSql(`alter table "connectors" add column "order_guard" jsonb not null default '{}'`);
  }
}

/** Which instances have which keys, and API keys that expire. */
export class M0033KeysInUse extends Migration {
  override up(): void {
    for (const statement of keyRotationMigrationSql) this.addSql(statement);
    this.addSql(
      `alter table "api_keys" add column "expires_at" timestamptz null, add column "expiry_announced_days" int null`,
    );
  }
}

/** Programs are told apart from people. */
export class M0034AuditActors extends Migration {
  override up(): void {
    this.addSql(auditActorsSql);
  }
}
