/** For a migration of a service that takes idempotent commands; fits the `IdempotencyKey` entity. */
export const idempotencySql: readonly string[] = [
  `create table "idempotency_keys" (
     "tenant_id" uuid not null, "route" varchar(255) not null, "key" varchar(255) not null,
     "body_hash" varchar(64) not null, "status" smallint not null, "headers" json not null, "body" json null,
     "created_at" timestamptz(3) not null default now(),
     constraint "idempotency_keys_pkey" primary key ("tenant_id", "route", "key"))`,
  `create index "idempotency_keys_created_at_index" on "idempotency_keys" ("created_at")`,
];
