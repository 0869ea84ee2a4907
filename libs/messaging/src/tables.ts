import { defineEntity, type EntityClass, p } from '@mikro-orm/core';

const outboxTable = defineEntity({
  name: 'OutboxMessage',
  tableName: 'outbox',
  // Per statement, and PostgreSQL folds equal notifications of one transaction: a bulk insert wakes the relay once.
  triggers: [
    {
      name: 'outbox_wake',
      timing: 'after',
      events: ['insert'],
      forEach: 'statement',
      body: `perform pg_notify('outbox', ''); return null`,
    },
  ],
  properties: {
    /** Order of insertion, which is not the order of commits: see insert-fence.ts. */
    position: p.bigint('number').primary().autoincrement(),
    id: p.uuid(),
    /** The CloudEvents type; with the tenant it makes the subject. */
    type: p.text(),
    aggregateId: p.text(),
    aggregateVersion: p.bigint('number'),
    tenantId: p.uuid(),
    correlationId: p.text(),
    traceparent: p.text().nullable(),
    time: p.datetime(3),
    /** `json`, not `jsonb`: it is only passed on, and jsonb costs 1.7 times the CPU and rejects \u0000. */
    data: p.json<object>().columnType('json'),
  },
});

/**
 * An event, written in the same transaction as the change that caused it. Retained after publishing, so that it can be published
 * again.
 */
export class OutboxMessage extends outboxTable.class {}
outboxTable.setClass(OutboxMessage);

/** The state of a stream when the relay last checked; a stream with less than this has lost messages. */
export interface StreamMark {
  /** The stream's creation time: another one means that it was deleted and created again. */
  created: string;
  lastSeq: number;
  /** Messages missing inside the stream that were already published again. */
  gaps: number;
}

const relayStateTable = defineEntity({
  name: 'OutboxRelayState',
  tableName: 'outbox_relay',
  properties: {
    /** Always 1: one relay per database. */
    id: p.smallint().primary().autoincrement(false),
    /** Every row up to this position is in JetStream or parked. */
    position: p.bigint('number').defaultRaw('0'),
    streams: p.json<Record<string, StreamMark>>().columnType('json'),
    updatedAt: p.datetime(3),
  },
});

/** The position up to which the relay has published. */
export class OutboxRelayState extends relayStateTable.class {}
relayStateTable.setClass(OutboxRelayState);

const inboxTable = defineEntity({
  name: 'InboxMessage',
  tableName: 'inbox',
  indexes: [{ name: 'inbox_handled_at_index', properties: ['handledAt'] }],
  properties: {
    consumer: p.text().primary(),
    eventId: p.uuid().primary(),
    handledAt: p.datetime(3).defaultRaw('now()'),
  },
});

/** A message whose effect is in this database. */
export class InboxMessage extends inboxTable.class {}
inboxTable.setClass(InboxMessage);

export const parkedDirections = ['in', 'out'] as const;

const parkedTable = defineEntity({
  name: 'ParkedMessage',
  tableName: 'parked_messages',
  uniques: [{ name: 'parked_messages_message_unique', properties: ['direction', 'messageId'] }],
  properties: {
    id: p.uuid().primary(),
    /** `in`: no handler could process it. `out`: the relay could not publish it. */
    direction: p.enum(parkedDirections),
    subject: p.text(),
    /** The event's id; of a message without one, a digest of it. */
    messageId: p.text(),
    /** `json`, not `jsonb`, and bytes, not text: the message may be here because of its contents. */
    headers: p.json<Record<string, string>>().columnType('json'),
    payload: p.blob(),
    /** A machine code: `contract.violated`, `handler.failed`, `publish.refused` … */
    reason: p.text(),
    detail: p.text(),
    tries: p.integer(),
    parkedAt: p.datetime(3).defaultRaw('now()'),
  },
});

/** A parked message, which no longer blocks others; it remains here until it is unparked. */
export class ParkedMessage extends parkedTable.class {}
parkedTable.setClass(ParkedMessage);

/** A service lists these among its entities, and so has an outbox and an inbox in its own database. */
export const messagingTables: EntityClass<object>[] = [
  OutboxMessage,
  OutboxRelayState,
  InboxMessage,
  ParkedMessage,
] as const satisfies EntityClass<object>[];

/**
 * The tables of `messagingTables` as they were at first, and the one row of the relay's state. For the first migrations of
 * the services there were then.
 */
export const messagingMigrationSql: string[] = [
  `create table "outbox" ("position" bigserial primary key, "id" uuid not null, "subject" text not null,
   "aggregate_id" text not null, "aggregate_version" bigint not null, "tenant_id" uuid not null,
   "correlation_id" text not null, "traceparent" text null, "time" timestamptz(3) not null, "data" json not null)`,
  `create table "outbox_relay" ("id" smallint primary key, "position" bigint not null default 0,
   "streams" json not null, "updated_at" timestamptz(3) not null)`,
  `insert into "outbox_relay" ("id", "position", "streams", "updated_at") values (1, 0, '{}', now())`,
  `create table "inbox" ("consumer" text not null, "event_id" uuid not null,
   "handled_at" timestamptz(3) not null default now(), primary key ("consumer", "event_id"))`,
  `create index "inbox_handled_at_index" on "inbox" ("handled_at")`,
  `create table "parked_messages" ("id" uuid not null, "direction" text not null, "subject" text not null,
   "message_id" text not null, "headers" json not null, "payload" bytea not null, "reason" text not null,
   "detail" text not null, "tries" int not null, "parked_at" timestamptz(3) not null default now(), primary key ("id"),
   constraint "parked_messages_message_unique" unique ("direction", "message_id"),
   constraint "parked_messages_direction_check" check ("direction" in ('in', 'out')))`,
  `create function "outbox_outbox_wake_fn"() returns trigger as
   $$ begin perform pg_notify('outbox', ''); return null; end; $$ language plpgsql`,
  `create trigger "outbox_wake" after insert on "outbox" for each statement execute function "outbox_outbox_wake_fn"()`,
];

/**
 * Statements of the migration that added the tenant to subjects: the outbox stores the type, from which the subject is built, and
 * parked messages get the subject they would have today. Items that earlier versions queued as work are not events.
 */
export const messagingSubjectsSql: string[] = [
  `delete from "outbox" where "subject" like 'work.%'`,
  `alter table "outbox" rename column "subject" to "type"`,
  `update "parked_messages" set "subject" = regexp_replace("subject", '^([^.]+)[.]', '\\1.' || ("headers" ->> 'ce-tenantid') || '.')
   where "subject" ~ '^[a-z-]+[.][a-z-]+[.]v[0-9]+$' and "headers" ->> 'ce-tenantid' ~ '^[0-9a-f-]{36}$'`,
];

/** The tables as the ORM would create them (tables.int.spec.ts compares): for the first migration of a new service. */
export const messagingTablesSql: string[] = [...messagingMigrationSql, ...messagingSubjectsSql];
