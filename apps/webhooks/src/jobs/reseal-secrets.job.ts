import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { MikroORM } from '@mikro-orm/postgresql';
import { KeyRing, needsReseal, reseal } from '@isthmus/service-kit';
import { EndpointSecret } from '../domain/endpoint-secret.entity.ts';
import { ownerOf } from '../persistence/secret-vault.ts';

/** Moves every secret to the ring's current key at a start, so that an old key can be taken out of the ring after it. */
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
    let moved = 0;
    for (const { endpointId, version, tenantId, sealed } of await em.find(EndpointSecret, {})) {
      if (!needsReseal(this.ring, sealed)) continue;
      const again = reseal(this.ring, sealed, ownerOf({ id: endpointId, tenantId }, version));
      moved += await em.nativeUpdate(EndpointSecret, { endpointId, version, sealed }, { sealed: again });
    }
    if (moved > 0) this.#log.log(`${moved} secrets moved to key ${this.ring.currentId}.`);
    return moved;
  }
}
