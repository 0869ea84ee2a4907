import type { EntityManager } from '@mikro-orm/postgresql';
import type { Connector } from '../domain/connector.entity.ts';
import type { Verification } from '../domain/verification.ts';

/**
 * Keeps the outcome with the connector unless its settings changed while CMP was being asked. Past the entity, because an
 * observation is no change: the version, and with it everybody's ETag, stays.
 * @returns whether it is the outcome of the present settings
 */
export async function storeVerification(
  em: EntityManager,
  connector: Connector,
  verification: Verification,
): Promise<boolean> {
  const stored = await em.execute<{ id: string }[]>(
    'update connectors set verification = ?::jsonb where id = ? and tenant_id = ? and connection_version = ? returning id',
    [JSON.stringify(verification), connector.id, connector.tenantId, connector.connectionVersion],
  );
  return stored.length > 0;
}
