import { credentialContext } from '@isthmus/contracts';
import {
  KeyRing,
  KeyRotation,
  needsReseal,
  open,
  reseal,
  seal,
  type Secret,
  SecretKeyMissing,
  type SecretOwner,
} from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { Connector } from '../connectors/connector.entity.ts';
import { ConnectorSecret, type SecretField, secretFields } from './credentials.store.ts';

export interface SealedCredential {
  sealed: string;
  version: number;
}

/** Fields that are left out keep their values. */
export type GivenSecrets = Partial<Record<SecretField, string>>;

/** The parts of a connector that its secrets are bound to. */
type Recipient = Pick<Connector, 'id' | 'tenantId' | 'apiUrl' | 'username'>;

/** The only place that seals and opens a connector's secrets. */
@Injectable()
export class CredentialVault {
  constructor(
    private readonly ring: KeyRing,
    private readonly rotation: KeyRotation,
  ) {}

  /**
   * Makes these the fields' values; those before are forgotten, who set them and when is not.
   * @param before the connector's address and user name so far: a field that keeps its value is bound to the new ones
   */
  async store(
    em: EntityManager,
    connector: Connector,
    plain: GivenSecrets,
    by: string,
    before: Pick<Connector, 'apiUrl' | 'username'> = connector,
  ): Promise<void> {
    const { id: connectorId, tenantId } = connector;
    const known = await em.find(ConnectorSecret, { connectorId });
    const keyId = await this.rotation.sealingKey(em);
    const moved = before.apiUrl !== connector.apiUrl || before.username !== connector.username;
    for (const field of secretFields) {
      const rows = known.filter((row) => row.field === field);
      const value = plain[field];
      if (value === undefined) {
        for (const row of moved ? rows : []) {
          if (row.sealed === null) continue;
          const owner = secretOwner({ id: connectorId, tenantId, ...before }, field, row.version);
          const kept = open(this.ring, row.sealed, owner);
          row.sealed = seal(this.ring, kept, secretOwner(connector, field, row.version), keyId);
        }
        continue;
      }
      for (const row of rows) row.sealed = null;
      const version = Math.max(0, ...rows.map((row) => row.version)) + 1;
      const sealed = seal(this.ring, value, secretOwner(connector, field, version), keyId);
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

  /**
   * Sealed for a service that has these keys; without them, as stored.
   * @throws SecretKeyMissing when that service has no key of this one's ring
   */
  async sealed(
    em: EntityManager,
    connector: Connector,
    keyIds?: readonly string[],
  ): Promise<Record<SecretField, SealedCredential>> {
    const rows = await em.find(ConnectorSecret, { connectorId: connector.id, sealed: { $ne: null } });
    const of = (field: SecretField): SealedCredential => {
      const row = rows.find((candidate) => candidate.field === field);
      if (!row?.sealed)
        throw new Error(`Connector ${connector.id} has no ${field}, although every connector gets one.`);
      const { sealed, version } = row;
      if (!keyIds) return { sealed, version };
      return { sealed: this.#sealedFor(keyIds, sealed, secretOwner(connector, field, version)), version };
    };
    return { password: of('password'), subscriptionKey: of('subscriptionKey') };
  }

  /**
   * While a key is being rotated, or secrets are not bound yet, a stored text may not be one that its reader can open. Whoever
   * names its keys opens bound ones.
   */
  #sealedFor(keyIds: readonly string[], sealed: string, owner: SecretOwner): string {
    const shared = keyIds.filter((id) => this.ring.has(id));
    if (shared.some((keyId) => !needsReseal(this.ring, sealed, owner, { keyId, bound: true }))) return sealed;
    const keyId = shared.includes(this.ring.currentId) ? this.ring.currentId : shared[0];
    if (keyId === undefined) {
      const which = `The requester has the keys ${keyIds.join(', ')}, this service ${this.ring.ids.join(', ')}.`;
      throw new SecretKeyMissing(which);
    }
    return reseal(this.ring, sealed, owner, { keyId, bound: true });
  }

  /** @throws SecretKeyMissing when the ring lost the key, SecretNotOpened when a row was tampered with */
  async open(em: EntityManager, connector: Connector): Promise<Record<SecretField, Secret>> {
    const sealed = await this.sealed(em, connector, this.ring.ids);
    const opened = (field: SecretField) =>
      open(this.ring, sealed[field].sealed, secretOwner(connector, field, sealed[field].version));
    return { password: opened('password'), subscriptionKey: opened('subscriptionKey') };
  }

  /** Forgets the values; who set them and when is kept. */
  async wipe(em: EntityManager, connector: Connector): Promise<void> {
    const rows = await em.find(ConnectorSecret, { connectorId: connector.id, sealed: { $ne: null } });
    for (const row of rows) row.sealed = null;
  }
}

/** The context that a sealed text is bound to; services that open it use the same. */
const secretOwner = (
  { id: connectorId, tenantId, apiUrl, username }: Recipient,
  field: SecretField,
  version: number,
): SecretOwner => credentialContext({ tenantId, connectorId, apiUrl, username }, field, version);
