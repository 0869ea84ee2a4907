/**
 * What a service's first migration runs, statement by statement: the tables of `messagingTables`, as the ORM would write them
 * (tables.int.spec.ts compares), and the one row of the relay's state.
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
