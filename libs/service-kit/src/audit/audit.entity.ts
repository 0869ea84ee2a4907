import { defineEntity, type EntityClass, p } from '@mikro-orm/core';
import { roles } from '../auth/access.ts';
import { tenantPolicySql } from '../database/tenant-policies.ts';
import { auditChannels } from './actor.ts';

const entries = defineEntity({
  name: 'AuditEntry',
  tableName: 'audit_entries',
  indexes: [{ name: 'audit_entries_of_thing', properties: ['tenantId', 'thingId'] }],
  properties: {
    /** Order of insertion, which is not the order of commits; the order that counts is that of the chain. */
    position: p.bigint('number').primary().autoincrement(),
    tenantId: p.uuid(),
    time: p.datetime(3),
    subject: p.text(),
    channel: p.enum(auditChannels),
    role: p.enum(roles).strictNullable(),
    action: p.text(),
    thingType: p.text(),
    thingId: p.text(),
    // `json`, not `jsonb`: the hash covers the original text.
    before: p.json().columnType('json').$type<AuditFields>().strictNullable(),
    after: p.json().columnType('json').$type<AuditFields>().strictNullable(),
    reason: p.text().strictNullable(),
    correlationId: p.text(),
  },
});

/** Fields of a thing by name, as they are shown. */
export type AuditFields = Readonly<Record<string, unknown>>;

/** A command of an actor, written in the same transaction as its change. Never changed, never deleted. */
export class AuditEntry extends entries.class {}
entries.setClass(AuditEntry);

const links = defineEntity({
  name: 'AuditLink',
  tableName: 'audit_links',
  uniques: [{ name: 'audit_links_position_unique', properties: ['position'] }],
  properties: {
    tenantId: p.uuid().primary(),
    /** Counts the tenant's entries, from 1, without gaps. */
    sequence: p.bigint('number').primary().autoincrement(false),
    /** Position of the entry. */
    position: p.bigint('number'),
    /** Hash of the previous link; empty for the first. */
    previousHash: p.text(),
    /** Hash of the entry, its position and the previous hash (`audit-chain.ts`). */
    hash: p.text(),
    sealedAt: p.datetime(3),
  },
});

/** A link of a tenant's chain of entries. */
export class AuditLink extends links.class {}
links.setClass(AuditLink);

const heads = defineEntity({
  name: 'AuditHead',
  tableName: 'audit_heads',
  properties: {
    tenantId: p.uuid().primary(),
    sequence: p.bigint('number'),
    position: p.bigint('number'),
    publishedAt: p.datetime(3).defaultRaw('now()'),
  },
});

/** The last published head of a tenant's chain. Only bookkeeping: the evidence is what other services have stored. */
export class AuditHead extends heads.class {}
heads.setClass(AuditHead);

const witnessed = defineEntity({
  name: 'WitnessedAuditHead',
  tableName: 'witnessed_audit_heads',
  properties: {
    tenantId: p.uuid().primary(),
    /** The service whose log it is the end of. */
    service: p.text().primary(),
    sequence: p.bigint('number').primary().autoincrement(false),
    /** Part of the key: two heads with the same sequence are both stored, because they prove that the log was rewritten. */
    hash: p.text().primary(),
    publishedAt: p.datetime(3),
    receivedAt: p.datetime(3).defaultRaw('now()'),
  },
});

/** A head of a chain of another service, stored beyond the reach of that service. */
export class WitnessedAuditHead extends witnessed.class {}
witnessed.setClass(WitnessedAuditHead);

/** A service that takes commands lists these among its entities; it then writes an audit log and serves `GET /v1/audit`. */
export const auditTables: EntityClass<object>[] = [AuditEntry, AuditLink, AuditHead];

/** Whether a service writes an audit log. */
export const keepsAuditLog = (database: { entities: readonly unknown[] } | undefined): boolean =>
  database?.entities.includes(AuditEntry) ?? false;

/** Tables to which rows are only ever added. A role that serves may insert into them and read them, and nothing else. */
export const appendOnlyTables = ['audit_entries', 'audit_links', 'witnessed_audit_heads'] as const;

/** Rejects every change of existing rows, even by the table's owner, who would have to disable the trigger first. */
const appendOnlySql = (table: string): string[] => [
  `create trigger "append_only" before update or delete on "${table}" for each row execute function "refuse_change_of_audit"()`,
  `create trigger "append_only_whole" before truncate on "${table}" for each statement execute function "refuse_change_of_audit"()`,
  `revoke update, delete, truncate on "${table}" from public`,
];

const refuseChangeSql = `create or replace function "refuse_change_of_audit"() returns trigger language plpgsql as
  $$ begin raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'insufficient_privilege'; end; $$`;

const quoted = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

/** A statement for a migration, each time there is a new channel or role. */
export const auditActorsSql = `alter table "audit_entries" drop constraint "audit_entries_channel_check", drop constraint "audit_entries_role_check",
  add constraint "audit_entries_channel_check" check ("channel" in (${quoted(auditChannels)})),
  add constraint "audit_entries_role_check" check ("role" in (${quoted(roles)}))`;

/** Statements for a migration; with `auditActorsSql`, in a later one, they match `auditTables`. */
export const auditSql: readonly string[] = [
  `create table "audit_entries" ("position" bigserial primary key, "tenant_id" uuid not null,
     "time" timestamptz(3) not null, "subject" text not null, "channel" text not null, "role" text null,
     "action" text not null, "thing_type" text not null, "thing_id" text not null, "before" json null,
     "after" json null, "reason" text null, "correlation_id" text not null,
     constraint "audit_entries_channel_check" check ("channel" in ('console', 'api-key', 'service', 'job')),
     constraint "audit_entries_role_check" check ("role" in ('viewer', 'operator', 'admin')))`,
  `create index "audit_entries_of_thing" on "audit_entries" ("tenant_id", "thing_id")`,
  `create table "audit_links" ("tenant_id" uuid not null, "sequence" bigint not null, "position" bigint not null,
     "previous_hash" text not null, "hash" text not null, "sealed_at" timestamptz(3) not null,
     primary key ("tenant_id", "sequence"), constraint "audit_links_position_unique" unique ("position"))`,
  `create table "audit_heads" ("tenant_id" uuid not null, "sequence" bigint not null, "position" bigint not null,
     "published_at" timestamptz(3) not null default now(), primary key ("tenant_id"))`,
  refuseChangeSql,
  ...appendOnlySql('audit_entries'),
  ...appendOnlySql('audit_links'),
  ...tenantPolicySql('audit_entries', 'audit_links', 'audit_heads'),
];

/**
 * Statements for a migration of a service that stores the published heads of other services' logs; matches `WitnessedAuditHead`.
 */
export const auditWitnessSql: readonly string[] = [
  `create table "witnessed_audit_heads" ("tenant_id" uuid not null, "service" text not null, "sequence" bigint not null,
     "hash" text not null, "published_at" timestamptz(3) not null, "received_at" timestamptz(3) not null default now(),
     primary key ("tenant_id", "service", "sequence", "hash"))`,
  refuseChangeSql,
  ...appendOnlySql('witnessed_audit_heads'),
  ...tenantPolicySql('witnessed_audit_heads'),
];
