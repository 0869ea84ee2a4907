import {
  acrossTenants,
  KeyRing,
  needsReseal,
  open,
  reseal,
  seal,
  type SecretOwner,
} from '@isthmus/service-kit';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { EndpointSecret, newSigningSecret } from './endpoint.entity.ts';

type Owner = { id: string; tenantId: string };

/** The only place that seals and opens the secrets of endpoints. */
@Injectable()
export class SigningSecrets {
  constructor(private readonly ring: KeyRing) {}

  /**
   * Gives an endpoint a new secret. The previous one signs until `overlapEnds`, older ones no longer.
   * @returns the secret, which cannot be read again
   */
  async issue(em: EntityManager, endpoint: Owner, now: Date, overlapEnds: Date): Promise<string> {
    const { id: endpointId, tenantId } = endpoint;
    const orderBy = { version: 'desc' } as const;
    const [newest, ...older] = await em.find(EndpointSecret, { endpointId }, { orderBy });
    for (const row of older) em.remove(row);
    if (newest) newest.expiresAt = overlapEnds;
    const version = (newest?.version ?? 0) + 1;
    const secret = newSigningSecret();
    const sealed = seal(this.ring, secret, sealedFor(endpoint, version));
    em.create(EndpointSecret, { endpointId, version, tenantId, sealed, createdAt: now, expiresAt: null });
    return secret;
  }

  /**
   * The active secrets of an endpoint, newest first.
   * @throws SecretKeyMissing, SecretNotOpened
   */
  async current(em: EntityManager, endpoint: Owner, now: Date): Promise<string[]> {
    const inForce = { endpointId: endpoint.id, $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] };
    const rows = await em.find(EndpointSecret, inForce, { orderBy: { version: 'desc' } });
    return this.open(endpoint, rows);
  }

  /** @throws SecretKeyMissing, SecretNotOpened */
  open(endpoint: Owner, secrets: readonly { sealed: string; version: number }[]): string[] {
    return secrets.map(({ sealed, version }) =>
      open(this.ring, sealed, sealedFor(endpoint, version)).reveal(),
    );
  }
}

/** The context that a sealed secret is bound to. */
const sealedFor = ({ id, tenantId }: Owner, version: number): SecretOwner => ({
  tenantId,
  connectorId: id,
  field: 'signing-secret',
  version,
});

/** Moves every secret to the ring's current key at a start, so that an old key can be taken out of the ring after it. */
@Injectable()
export class ResealSecrets implements OnApplicationBootstrap {
  readonly #log = new Logger(ResealSecrets.name);

  constructor(
    private readonly orm: MikroORM,
    private readonly ring: KeyRing,
  ) {}

  onApplicationBootstrap(): void {
    // Not awaited: the service must start even if PostgreSQL is down or a key is missing.
    this.run().catch((error: unknown) =>
      this.#log.error(
        'Secrets were not re-encrypted with the current key; the next start tries again.',
        error,
      ),
    );
  }

  /** Returns how many were moved. */
  async run(): Promise<number> {
    const moved = await acrossTenants('reseal secrets', () => this.#moveAll(this.orm.em.fork()));
    if (moved > 0) this.#log.log(`${moved} secrets re-encrypted with key ${this.ring.currentId}.`);
    return moved;
  }

  async #moveAll(em: MikroORM['em']): Promise<number> {
    let moved = 0;
    for (const { endpointId, version, tenantId, sealed } of await em.find(EndpointSecret, {})) {
      if (!needsReseal(this.ring, sealed)) continue;
      const again = reseal(this.ring, sealed, sealedFor({ id: endpointId, tenantId }, version));
      moved += await em.nativeUpdate(EndpointSecret, { endpointId, version, sealed }, { sealed: again });
    }
    return moved;
  }
}
