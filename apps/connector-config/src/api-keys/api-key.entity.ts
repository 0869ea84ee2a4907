import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { DomainError } from '@isthmus/domain';
import { defineEntity, p } from '@mikro-orm/core';
import { Connector, tenantFilters } from '../connectors/connector.entity.ts';

const apiKeyTable = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  filters: {
    ...tenantFilters,
    inForce: { name: 'inForce', cond: { revokedAt: null }, default: true },
  },
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: () => p.manyToOne(Connector).mapToPk().joinColumn('connector_id').index(),
    label: p.text(),
    /** The first characters of the key, to distinguish keys. */
    prefix: p.text(),
    hash: p.text().unique(),
    createdBy: p.text(),
    createdAt: p.datetime(),
    lastUsedAt: p.datetime().strictNullable(),
    revokedAt: p.datetime().strictNullable(),
    /** The key is rejected from this time on; null if it does not expire. */
    expiresAt: p.datetime().strictNullable(),
    /** The last announced number of days before its expiry. */
    expiryAnnouncedDays: p.integer().strictNullable(),
  },
});

/** A key with which Work 365 calls on behalf of one connector; only its hash is kept. */
export class ApiKey extends apiKeyTable.class {
  static issue(
    connector: Connector,
    { label, expiresAt }: { label: string; expiresAt: Date | null },
    key: NewApiKey,
    by: string,
    now: Date,
  ): ApiKey {
    return Object.assign(new ApiKey(), {
      id: randomUUID(),
      tenantId: connector.tenantId,
      connectorId: connector.id,
      label,
      prefix: key.prefix,
      hash: key.hash,
      createdBy: by,
      createdAt: now,
      lastUsedAt: null,
      revokedAt: null,
      expiresAt,
      expiryAnnouncedDays: null,
    });
  }

  isExpired(now: Date): boolean {
    return this.expiresAt !== null && this.expiresAt <= now;
  }

  revoke(now: Date): void {
    this.revokedAt = now;
  }

  /** Revokes it and forgets even its hash. */
  destroy(now: Date): void {
    this.revoke(now);
    this.hash = `destroyed ${this.id}`;
  }
}
apiKeyTable.setClass(ApiKey);

interface NewApiKey {
  /** Shown to its owner once and kept nowhere. */
  key: string;
  prefix: string;
  hash: string;
}

/**
 * A key of 32 random bytes. A plain hash is enough for what cannot be guessed: there is nothing to slow down.
 * The fixed beginning lets secret scanners find a key that was published by mistake.
 */
export function newApiKey(): NewApiKey {
  const key = `isthmus_${randomBytes(32).toString('base64url')}`;
  return { key, prefix: key.slice(0, 14), hash: createHash('sha256').update(key).digest('hex') };
}

/** The connector has no active key with this id. */
export class ApiKeyNotFound extends DomainError {
  static override readonly code = 'api-key.not-found';

  constructor(apiKeyId: string) {
    super(`There is no active API key ${apiKeyId}.`, {
      nextStep: "Use an id from the connector's list of API keys.",
    });
  }
}

/** So many keys are active already; expired and revoked ones do not count. */
export class TooManyApiKeys extends DomainError {
  static override readonly code = 'api-key.too-many';

  constructor(most: number, owner: 'connector' | 'tenant') {
    super(`There are already ${most} active API keys, the maximum for a ${owner}.`, {
      nextStep: 'Revoke an API key that is no longer used.',
    });
  }
}
