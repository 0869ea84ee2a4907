import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { MikroORM } from '@mikro-orm/postgresql';
import { KeyRing, needsReseal, reseal } from '@isthmus/service-kit';
import { ConnectorSecret } from '../domain/connector-secret.entity.ts';
import { ownerOf } from '../persistence/credential-vault.ts';

/**
 * Moves every secret to the ring's current key when a service starts, so that after a rotation and a restart the old key
 * can be taken out of the ring. Safe to run in several processes at once.
 */
@Injectable()
export class ResealSecrets implements OnApplicationBootstrap {
  readonly #log = new Logger(ResealSecrets.name);

  constructor(
    private readonly orm: MikroORM,
    private readonly ring: KeyRing,
  ) {}

  onApplicationBootstrap(): void {
    // Not awaited: the service must come up while PostgreSQL is away or a key is missing.
    this.run().catch((error: unknown) =>
      this.#log.error('Secrets were not moved to the current key; the next start tries again.', error),
    );
  }

  /** Answers how many were moved. */
  async run(): Promise<number> {
    const em = this.orm.em.fork();
    const filters = { tenant: false };
    const rows = await em.find(ConnectorSecret, { sealed: { $ne: null } }, { filters });
    let moved = 0;
    for (const { connectorId, tenantId, field, version, sealed } of rows) {
      if (sealed === null || !needsReseal(this.ring, sealed)) continue;
      try {
        const again = reseal(this.ring, sealed, ownerOf({ id: connectorId, tenantId }, field, version));
        const current = { connectorId, field, version, sealed };
        moved += await em.nativeUpdate(ConnectorSecret, current, { sealed: again }, { filters });
      } catch (error) {
        this.#log.error(
          `The ${field} of connector ${connectorId} cannot be moved to the current key.`,
          error,
        );
      }
    }
    if (moved > 0) this.#log.log(`${moved} secrets moved to key ${this.ring.currentId}.`);
    return moved;
  }
}
