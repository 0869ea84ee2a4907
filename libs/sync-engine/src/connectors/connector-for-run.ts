import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { Connector } from './connector.entity.ts';
import { ConnectorNotFound, ConnectorPaused } from './connector.errors.ts';

/**
 * The connector a person wants a run for; nobody changes it until the transaction ends.
 * @throws ConnectorNotFound, also for a removed one or another tenant's; ConnectorPaused
 */
export async function connectorForRun(em: EntityManager, connectorId: string): Promise<Connector> {
  const connector = await em.findOne(Connector, { connectorId }, { lockMode: LockMode.PESSIMISTIC_READ });
  if (!connector || connector.status === 'removed') throw new ConnectorNotFound(connectorId);
  if (connector.status === 'paused') throw new ConnectorPaused(connectorId, connector.paused ?? null);
  return connector;
}
