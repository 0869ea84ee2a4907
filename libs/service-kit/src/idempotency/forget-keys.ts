import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Pool } from 'pg';

const rowsPerStatement = 5_000;

const forgetSome = {
  name: 'isthmus.forget-idempotency-keys',
  text: `delete from idempotency_keys where (tenant_id, route, key) in (select tenant_id, route, key from idempotency_keys
     where created_at < now() - $1 * interval '1 day' limit ${rowsPerStatement})`,
};

/**
 * Forgets the answers of commands that nobody repeats any more, a few thousand rows at a time.
 * @returns how many were forgotten
 */
export async function forgetKeys(pool: Pool, days: number): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const { rowCount } = await pool.query({ ...forgetSome, values: [days] });
    forgotten += rowCount ?? 0;
    if ((rowCount ?? 0) < rowsPerStatement) return forgotten;
  }
}

/** Every replica of a service does it once an hour; a row is only deleted once, whoever comes first. */
export class ForgetIdempotencyKeys implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(ForgetIdempotencyKeys.name);
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
      await forgetKeys(this.pool, this.days).catch((error: unknown) =>
        this.#log.warn('Old idempotency keys could not be forgotten; it is tried again in an hour.', error),
      );
    }
  }

  /** False when the service ends. */
  #pause(): Promise<boolean> {
    return sleep(this.everyMs, true, { signal: this.#stop.signal, ref: false }).catch(() => false);
  }
}
