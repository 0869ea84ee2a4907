import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { Connector } from '../domain/connector.entity.ts';
import { ConnectorNotFound } from '../domain/connector.errors.ts';

/** @throws ConnectorNotFound, also when it is another tenant's */
export async function requireConnector(em: EntityManager, id: string): Promise<Connector> {
  const connector = await em.findOne(Connector, { id });
  if (!connector) throw new ConnectorNotFound(id);
  return connector;
}

/**
 * The same, locked until the transaction ends: commands on one connector follow one another instead of failing.
 * @throws ConnectorNotFound
 */
export async function lockConnector(em: EntityManager, id: string): Promise<Connector> {
  const connector = await em.findOne(Connector, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!connector) throw new ConnectorNotFound(id);
  return connector;
}
