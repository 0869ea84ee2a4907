import { KeyRing, KeyRotation, open, seal } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { EndpointSecret, newSigningSecret } from './endpoint.entity.ts';
import { sealedFor, type SecretHolder } from './endpoint.store.ts';

/** The only place that seals and opens the secrets of endpoints. */
@Injectable()
export class SigningSecrets {
  constructor(
    private readonly ring: KeyRing,
    private readonly rotation: KeyRotation,
  ) {}

  /**
   * Gives an endpoint a new secret. The previous one signs until `overlapEnds`, older ones no longer.
   * @returns the secret, which cannot be read again
   */
  async issue(em: EntityManager, endpoint: SecretHolder, now: Date, overlapEnds: Date): Promise<string> {
    const { id: endpointId, tenantId } = endpoint;
    const orderBy = { version: 'desc' } as const;
    const [newest, ...older] = await em.find(EndpointSecret, { endpointId }, { orderBy });
    for (const row of older) em.remove(row);
    if (newest) newest.expiresAt = overlapEnds;
    const version = (newest?.version ?? 0) + 1;
    const secret = newSigningSecret();
    const sealed = seal(this.ring, secret, sealedFor(endpoint, version), await this.rotation.sealingKey(em));
    em.create(EndpointSecret, { endpointId, version, tenantId, sealed, createdAt: now, expiresAt: null });
    return secret;
  }

  /**
   * The active secrets of an endpoint, newest first.
   * @throws SecretKeyMissing, SecretNotOpened
   */
  async current(em: EntityManager, endpoint: SecretHolder, now: Date): Promise<string[]> {
    const inForce = { endpointId: endpoint.id, $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] };
    const rows = await em.find(EndpointSecret, inForce, { orderBy: { version: 'desc' } });
    return this.open(endpoint, rows);
  }

  /** @throws SecretKeyMissing, SecretNotOpened */
  open(endpoint: SecretHolder, secrets: readonly { sealed: string; version: number }[]): string[] {
    return secrets.map(({ sealed, version }) =>
      open(this.ring, sealed, sealedFor(endpoint, version)).reveal(),
    );
  }
}
