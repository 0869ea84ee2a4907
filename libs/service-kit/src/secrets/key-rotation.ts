import { randomUUID } from 'node:crypto';
import { RetryLoop } from '@isthmus/messaging';
import { defineEntity, p, raw } from '@mikro-orm/core';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { Pool } from 'pg';
import { acrossTenants } from '../database/tenant-scope.ts';
import type { KeyRing } from './key-ring.ts';
import { reseal, type SecretOwner } from './seal.ts';

const instanceTable = defineEntity({
  name: 'KeyRingInstance',
  tableName: 'key_ring_instances',
  properties: {
    id: p.uuid().primary(),
    keyIds: p.array(),
    currentKeyId: p.text(),
    seenAt: p.datetime(),
  },
});

/**
 * A process that shares the sealed secrets of this database, and the keys it has: no secret is sealed with a key that one of the
 * processes lacks.
 */
export class KeyRingInstance extends instanceTable.class {}
instanceTable.setClass(KeyRingInstance);

export const keyRotationMigrationSql = [
  `create table "key_ring_instances" ("id" uuid not null, "key_ids" text[] not null, "current_key_id" text not null,
   "seen_at" timestamptz not null, primary key ("id"))`,
];

/** A sealed secret where it is stored. */
export interface StoredSecret {
  /** Names the row, for the log and for `replace`; in the order of `find`. */
  id: string;
  sealed: string;
  owner: SecretOwner;
}

/** The sealed secrets of one service. */
export interface StoredSecrets {
  /** Secrets after this id, in the order of their ids, that are not sealed in this format with this key; `limit` at most. */
  find(
    wanted: { format: 's1' | 's2' | 'any'; keyId: string },
    after: string,
    limit: number,
  ): Promise<StoredSecret[]>;
  /** Writes each secret unless its stored text has changed in the meantime. Returns the number of written secrets. */
  replace(secrets: readonly { id: string; was: string; sealed: string }[]): Promise<number>;
}

const rowsPerBatch = 500;

export interface KeyRotationOptions {
  /** Whether a secret may be bound to a recipient; those of webhooks are not. */
  bound: boolean;
  /** Interval at which an instance reports that it is alive. */
  everyMs?: number;
  /** An instance without a report for this long counts as ended. */
  aliveMs?: number;
}

/**
 * Brings a new key into use without a moment in which an instance meets a secret that it cannot open. Every instance reports
 * its keys; new secrets are sealed with the current key only if every instance has it, and stored ones are moved to it only
 * when it is the current key of all (docs/key-rotation.md).
 */
export class KeyRotation implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(KeyRotation.name);
  readonly #loop: RetryLoop;
  readonly #instanceId = randomUUID();
  readonly #aliveMs: number;
  /** Logged once: what cannot be moved stays as it is, and is found again each time. */
  readonly #stuck = new Set<string>();

  constructor(
    private readonly orm: MikroORM,
    private readonly pool: Pool,
    private readonly ring: KeyRing,
    private readonly secrets: StoredSecrets,
    private readonly options: KeyRotationOptions,
  ) {
    const { everyMs = 5_000, aliveMs = 4 * everyMs } = options;
    this.#aliveMs = aliveMs;
    this.#loop = new RetryLoop({
      name: 'Key rotation',
      run: async (signal) => {
        await this.report();
        const moved = await this.resealAll(signal);
        if (moved > 0) this.#log.log(`${moved} secrets re-encrypted with key ${this.ring.currentId}.`);
      },
      idleMs: everyMs,
      log: this.#log,
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    // Reports before the first request, so that other instances take this one's keys into account. A service also starts without
    // PostgreSQL.
    await this.report().catch((error: unknown) =>
      this.#log.warn(`The keys of this instance were not reported yet: ${String(error)}`),
    );
    this.#loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
    await this.pool
      .query('delete from key_ring_instances where id = $1', [this.#instanceId])
      .catch(() => undefined);
  }

  /** Reports the keys of this instance, and deletes instances that ended long ago. */
  async report(): Promise<void> {
    await this.pool.query(
      `with ended as (delete from key_ring_instances where seen_at < now() - interval '1 day')
       insert into key_ring_instances (id, key_ids, current_key_id, seen_at) values ($1, $2, $3, now())
       on conflict (id) do update set seen_at = now()`,
      [this.#instanceId, this.ring.ids, this.ring.currentId],
    );
  }

  /** The key to seal a new secret with: the current one, or while an instance does not have it, one that all have. */
  async sealingKey(em: EntityManager): Promise<string> {
    const instances = await this.#alive(em);
    const known = (id: string) => instances.every(({ keyIds }) => keyIds.includes(id));
    if (known(this.ring.currentId)) return this.ring.currentId;
    return this.ring.ids.find(known) ?? this.ring.currentId;
  }

  /**
   * Re-encrypts every stored secret with the current key, and binds those that are not bound yet, provided that this key is the
   * current one of all instances. Several instances may do so concurrently.
   * @returns the number of re-encrypted secrets
   */
  resealAll(signal?: AbortSignal): Promise<number> {
    return acrossTenants('reseal secrets', () => this.#resealAll(signal));
  }

  async #resealAll(signal?: AbortSignal): Promise<number> {
    const instances = await this.#alive(this.orm.em.fork());
    const agreed = instances.every(({ currentKeyId }) => currentKeyId === this.ring.currentId);
    if (!agreed) return 0;
    const format = !this.options.bound || this.ring.acceptsUnbound ? 'any' : 's2';
    let moved = 0;
    for (let after = ''; !signal?.aborted;) {
      const found = await this.secrets.find({ format, keyId: this.ring.currentId }, after, rowsPerBatch);
      if (found.length === 0) break;
      moved += await this.secrets.replace(found.flatMap((secret) => this.#resealed(secret)));
      after = found.at(-1)!.id;
    }
    return moved;
  }

  #resealed({ id, sealed, owner }: StoredSecret): { id: string; was: string; sealed: string }[] {
    try {
      return [{ id, was: sealed, sealed: reseal(this.ring, sealed, owner) }];
    } catch (error) {
      if (!this.#stuck.has(id))
        this.#log.error(`Secret ${id} cannot be re-encrypted with the current key.`, error);
      this.#stuck.add(id);
      return [];
    }
  }

  /** Uses the database's clock, the only one that all instances share. */
  #alive(em: EntityManager): Promise<KeyRingInstance[]> {
    const seenAt = { $gt: raw(`now() - ? * interval '1 millisecond'`, [this.#aliveMs]) };
    return em.find(KeyRingInstance, { seenAt }, { filters: { tenant: false } });
  }
}
