import {
  acrossTenants,
  KeyRing,
  needsReseal,
  open,
  reseal,
  seal,
  type Secret,
  type SecretOwner,
} from '@isthmus/service-kit';
import { defineEntity, p } from '@mikro-orm/core';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Connector, tenantFilters } from './connector.entity.ts';

export const secretFields = ['password', 'subscriptionKey'] as const;
export type SecretField = (typeof secretFields)[number];

const secretTable = defineEntity({
  name: 'ConnectorSecret',
  tableName: 'connector_secrets',
  filters: tenantFilters,
  properties: {
    connectorId: () => p.manyToOne(Connector).mapToPk().primary().joinColumn('connector_id'),
    field: p.enum(secretFields).primary(),
    version: p.integer().primary(),
    tenantId: p.uuid(),
    /** null once replaced or removed: the row stays to show who set it and when, the secret does not. */
    sealed: p.text().strictNullable(),
    setBy: p.text(),
    setAt: p.datetime(),
  },
});

/** One value that a secret field of a connector has or had. */
export class ConnectorSecret extends secretTable.class {}
secretTable.setClass(ConnectorSecret);

export interface SealedCredential {
  sealed: string;
  version: number;
}

/** Fields that are left out keep their values. */
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
      const sealed = seal(this.ring, value, secretOwner(connector, field, version));
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

  /** As stored; a service with the key ring can open it with the version beside it. */
  async sealed(em: EntityManager, connector: Connector): Promise<Record<SecretField, SealedCredential>> {
    const rows = await em.find(ConnectorSecret, { connectorId: connector.id, sealed: { $ne: null } });
    const of = (field: SecretField): SealedCredential => {
      const row = rows.find((candidate) => candidate.field === field);
      if (!row?.sealed)
        throw new Error(`Connector ${connector.id} has no ${field}, although every connector gets one.`);
      return { sealed: row.sealed, version: row.version };
    };
    return { password: of('password'), subscriptionKey: of('subscriptionKey') };
  }

  /** @throws SecretKeyMissing when the ring lost the key, SecretNotOpened when a row was tampered with */
  async open(em: EntityManager, connector: Connector): Promise<Record<SecretField, Secret>> {
    const sealed = await this.sealed(em, connector);
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
function secretOwner(
  { id, tenantId }: { id: string; tenantId: string },
  field: SecretField,
  version: number,
): SecretOwner {
  return { tenantId, connectorId: id, field, version };
}

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
    const filters = { tenant: false };
    const rows = await em.find(ConnectorSecret, { sealed: { $ne: null } }, { filters });
    let moved = 0;
    for (const { connectorId, tenantId, field, version, sealed } of rows) {
      if (sealed === null || !needsReseal(this.ring, sealed)) continue;
      try {
        const again = reseal(this.ring, sealed, secretOwner({ id: connectorId, tenantId }, field, version));
        const current = { connectorId, field, version, sealed };
        moved += await em.nativeUpdate(ConnectorSecret, current, { sealed: again }, { filters });
      } catch (error) {
        this.#log.error(
          `The ${field} of connector ${connectorId} cannot be re-encrypted with the current key.`,
          error,
        );
      }
    }
    return moved;
  }
}
