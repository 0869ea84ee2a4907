import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { KeyRing, open, seal, type Secret, type SecretOwner } from '@isthmus/service-kit';
import { ConnectorSecret, secretFields, type SecretField } from '../domain/connector-secret.entity.ts';
import type { Connector } from '../domain/connector.entity.ts';

export interface SealedCredential {
  sealed: string;
  version: number;
}

/** Fields left out keep what they have. */
export type GivenSecrets = Partial<Record<SecretField, string>>;

/** The only place that seals and opens a connector's secrets. */
@Injectable()
export class CredentialVault {
  constructor(private readonly ring: KeyRing) {}

  /** Makes these the fields' values; those before are forgotten, who set them and when is not. */
  async store(em: EntityManager, connector: Connector, plain: GivenSecrets, by: string): Promise<void> {
    const { id: connectorId, tenantId } = connector;
    const known = await em.find(ConnectorSecret, { connectorId });
    for (const field of secretFields) {
      const value = plain[field];
      if (value === undefined) continue;
      const before = known.filter((row) => row.field === field);
      for (const row of before) row.sealed = null;
      const version = Math.max(0, ...before.map((row) => row.version)) + 1;
      const sealed = seal(this.ring, value, ownerOf(connector, field, version));
      em.create(ConnectorSecret, {
        connectorId,
        field,
        version,
        tenantId,
        sealed,
        setBy: by,
        setAt: new Date(),
      });
    }
  }

  /** As stored; whoever has the key ring can open it with the version beside it. */
  async sealed(em: EntityManager, connector: Connector): Promise<Record<SecretField, SealedCredential>> {
    const rows = await em.find(ConnectorSecret, { connectorId: connector.id, sealed: { $ne: null } });
    const of = (field: SecretField): SealedCredential => {
      const row = rows.find((candidate) => candidate.field === field);
      if (!row?.sealed)
        throw new Error(`Connector ${connector.id} has no ${field} although every connector gets one.`);
      return { sealed: row.sealed, version: row.version };
    };
    return { password: of('password'), subscriptionKey: of('subscriptionKey') };
  }

  /** @throws SecretKeyMissing when the ring lost the key, SecretNotOpened when a row was tampered with */
  async open(em: EntityManager, connector: Connector): Promise<Record<SecretField, Secret>> {
    const sealed = await this.sealed(em, connector);
    const opened = (field: SecretField) =>
      open(this.ring, sealed[field].sealed, ownerOf(connector, field, sealed[field].version));
    return { password: opened('password'), subscriptionKey: opened('subscriptionKey') };
  }

  /** Forgets the values; who set them and when is kept. */
  async wipe(em: EntityManager, connector: Connector): Promise<void> {
    const rows = await em.find(ConnectorSecret, { connectorId: connector.id, sealed: { $ne: null } });
    for (const row of rows) row.sealed = null;
  }
}

/** What a sealed text is bound to; services that open it build the same. */
export function ownerOf(
  { id, tenantId }: { id: string; tenantId: string },
  field: SecretField,
  version: number,
): SecretOwner {
  return { tenantId, connectorId: id, field, version };
}
