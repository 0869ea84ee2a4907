import { randomUUID } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import { Connector } from './connector.entity.ts';
import type { NewApiKey } from './new-api-key.ts';
import { tenantFilters } from './tenant-filters.ts';

const schema = defineEntity({
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
    /** The first characters of the key, to tell keys apart by. */
    prefix: p.text(),
    hash: p.text().unique(),
    createdBy: p.text(),
    createdAt: p.datetime(),
    lastUsedAt: p.datetime().strictNullable(),
    revokedAt: p.datetime().strictNullable(),
  },
});

/** A key by which Work 365 speaks for one connector; only its hash is kept. */
export class ApiKey extends schema.class {
  static issue(connector: Connector, label: string, key: NewApiKey, by: string, now: Date): ApiKey {
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
    });
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
schema.setClass(ApiKey);
