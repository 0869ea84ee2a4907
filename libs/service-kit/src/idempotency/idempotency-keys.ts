import { setTimeout as sleep } from 'node:timers/promises';
import { defineEntity, p } from '@mikro-orm/core';
import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { Pool } from 'pg';

const schema = defineEntity({
  name: 'IdempotencyKey',
  tableName: 'idempotency_keys',
  properties: {
    tenantId: p.uuid().primary(),
    route: p.string().length(255).primary(),
    key: p.string().length(255).primary(),
    bodyHash: p.string().length(64),
    status: p.smallint(),
    headers: p.json<Record<string, string>>().columnType('json'),
    // json and not jsonb: the repeated response is the first one to the letter.
    body: p.json().columnType('json').nullable(),
    createdAt: p.datetime(3).defaultRaw('now()').index(),
  },
});

/** One command that was executed, with its response. */
export class IdempotencyKey extends schema.class {}
schema.setClass(IdempotencyKey);

/** For a migration of a service that takes idempotent commands; fits the `IdempotencyKey` entity. */
export const idempotencySql: readonly string[] = [
  `create table "idempotency_keys" (
     "tenant_id" uuid not null, "route" varchar(255) not null, "key" varchar(255) not null,
     "body_hash" varchar(64) not null, "status" smallint not null, "headers" json not null, "body" json null,
     "created_at" timestamptz(3) not null default now(),
     constraint "idempotency_keys_pkey" primary key ("tenant_id", "route", "key"))`,
  `create index "idempotency_keys_created_at_index" on "idempotency_keys" ("created_at")`,
];

const rowsPerStatement = 5_000;

const deleteSome = {
  name: 'isthmus.forget-idempotency-keys',
  text: `delete from idempotency_keys where (tenant_id, route, key) in (select tenant_id, route, key from idempotency_keys
     where created_at < now() - $1 * interval '1 day' limit ${rowsPerStatement})`,
};

/**
 * Deletes keys so old that no client repeats their commands, a few thousand rows at a time.
 * @returns how many were deleted
 */
export async function deleteExpiredKeys(pool: Pool, days: number): Promise<number> {
  let deleted = 0;
  for (;;) {
    const { rowCount } = await pool.query({ ...deleteSome, values: [days] });
    deleted += rowCount ?? 0;
    if ((rowCount ?? 0) < rowsPerStatement) return deleted;
  }
}

/** Runs in every replica once an hour; they do not get in each other's way. */
export class IdempotencyKeyExpiry implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(IdempotencyKeyExpiry.name);
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly days: number,
    private readonly everyMs = 3_600_000,
  ) {}

  onApplicationBootstrap(): void {
    this.#running = this.#run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (await this.#pause()) {
      await deleteExpiredKeys(this.pool, this.days).catch((error: unknown) =>
        this.#log.warn('Old idempotency keys could not be deleted; retrying in an hour.', error),
      );
    }
  }

  /** False when the service ends. */
  #pause(): Promise<boolean> {
    return sleep(this.everyMs, true, { signal: this.#stop.signal, ref: false }).catch(() => false);
  }
}
