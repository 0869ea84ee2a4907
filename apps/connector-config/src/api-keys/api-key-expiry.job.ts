import { ApiKeyExpiryAnnouncedV1 } from '@isthmus/contracts';
import { emit, event, RetryLoop } from '@isthmus/messaging';
import { acrossTenants, transaction } from '@isthmus/service-kit';
import { LockMode, MikroORM } from '@mikro-orm/postgresql';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ApiKey } from './api-key.entity.ts';

/**
 * Days before the expiry of a key on which an event announces it, each once. A warning whose day passed before the key was
 * created is skipped.
 */
export const expiryWarnings = [30, 7] as const;

const everyMs = 3_600_000;
const keysAtOnce = 500;
const dayMs = 86_400_000;

/** Announces, every hour, which API keys expire soon. Several processes announce each key once. */
@Injectable()
export class ApiKeyExpiry implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(ApiKeyExpiry.name);
  readonly #loop = new RetryLoop({
    name: 'Announcing the expiry of API keys',
    run: async () => (await this.announce(new Date())) === keysAtOnce,
    idleMs: everyMs,
    log: this.#log,
  });

  constructor(private readonly orm: MikroORM) {}

  onApplicationBootstrap(): void {
    this.#loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#loop.stop();
  }

  /** Returns how many were announced. */
  announce(now: Date): Promise<number> {
    return acrossTenants('announce the expiry of API keys', () => this.#announce(now));
  }

  #announce(now: Date): Promise<number> {
    const within = (days: number) => ({ $gt: now, $lte: new Date(now.getTime() + days * dayMs) });
    const due = expiryWarnings.map((days) => ({
      expiresAt: within(days),
      $or: [{ expiryAnnouncedDays: null }, { expiryAnnouncedDays: { $gt: days } }],
    }));
    return transaction(this.orm, async (em) => {
      const keys = await em.find(
        ApiKey,
        { $or: due },
        { filters: { tenant: false }, limit: keysAtOnce, lockMode: LockMode.PESSIMISTIC_PARTIAL_WRITE },
      );
      for (const key of keys) {
        const { id: apiKeyId, tenantId, connectorId, label } = key;
        const expiresAt = key.expiresAt!;
        const withinDays = expiryWarnings.findLast((days) => expiresAt <= within(days).$lte)!;
        key.expiryAnnouncedDays = withinDays;
        const data = { apiKeyId, connectorId, label, expiresAt: expiresAt.toISOString(), withinDays };
        const version = expiryWarnings.indexOf(withinDays) + 1;
        emit(em, event(ApiKeyExpiryAnnouncedV1, data, { tenantId, aggregateId: apiKeyId, version }));
        this.#log.warn(`API key ${apiKeyId} of connector ${connectorId} expires within ${withinDays} days.`);
      }
      return keys.length;
    });
  }
}
