import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { KeyRing, open, seal, type SecretOwner } from '@isthmus/service-kit';
import { EndpointSecret } from '../domain/endpoint-secret.entity.ts';
import { newSigningSecret } from '../domain/signing-secret.ts';

type Owner = { id: string; tenantId: string };

/** The only place that seals and opens the secrets of endpoints. */
@Injectable()
export class SecretVault {
  constructor(private readonly ring: KeyRing) {}

  /**
   * Gives an endpoint a new secret. The one before signs until `overlapEnds`, those before that no more.
   * @returns the secret, which nobody can read again
   */
  async issue(em: EntityManager, endpoint: Owner, now: Date, overlapEnds: Date): Promise<string> {
    const { id: endpointId, tenantId } = endpoint;
    const orderBy = { version: 'desc' } as const;
    const [newest, ...older] = await em.find(EndpointSecret, { endpointId }, { orderBy });
    for (const row of older) em.remove(row);
    if (newest) newest.expiresAt = overlapEnds;
    const version = (newest?.version ?? 0) + 1;
    const secret = newSigningSecret();
    const sealed = seal(this.ring, secret, ownerOf(endpoint, version));
    em.create(EndpointSecret, { endpointId, version, tenantId, sealed, createdAt: now, expiresAt: null });
    return secret;
  }

  /** @throws SecretKeyMissing, SecretNotOpened */
  open(endpoint: Owner, secrets: readonly { sealed: string; version: number }[]): string[] {
    return secrets.map(({ sealed, version }) => open(this.ring, sealed, ownerOf(endpoint, version)).reveal());
  }
}

/** What a sealed secret is bound to. */
export const ownerOf = ({ id, tenantId }: Owner, version: number): SecretOwner => ({
  tenantId,
  connectorId: id,
  field: 'signing-secret',
  version,
});
