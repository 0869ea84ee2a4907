import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import type { ConnectorChangedV1 } from '@isthmus/contracts';
import type { Message } from '@isthmus/messaging';
import { Connector, type ConnectorPause } from './connector.entity.ts';
import { ConnectorNotKnownYet } from './connector-not-known-yet.error.ts';

/**
 * Stores a connector as its owner has it, unless a later version is known. Creation, change and the owner's answer all tell
 * all of it, so whichever comes first makes the row.
 * @param paused why, where that is known
 */
export async function storeConnector(
  em: EntityManager,
  news: ConnectorChangedV1,
  { tenantId, aggregateVersion: version }: Pick<Message, 'tenantId' | 'aggregateVersion'>,
  paused: ConnectorPause | null = null,
): Promise<void> {
  const { connectorId, name, currency, country, status, schedule } = news;
  const settings = { name, currency, country, status, schedule: { ...schedule }, version };
  const connector = await lock(em, connectorId, tenantId);
  if (!connector) {
    em.create(Connector, { connectorId, tenantId, ...settings, paused });
    return;
  }
  if (version <= connector.version) return;
  if (connector.status === 'removed') connector.restoredAt = new Date();
  Object.assign(connector, settings);
  if (status === 'active') connector.paused = null;
  else if (paused) connector.paused = { ...paused };
}

/**
 * Applies what is news of a connector that is there.
 * @returns whether it was news
 * @throws ConnectorNotKnownYet
 */
export async function keepStatus(
  em: EntityManager,
  connectorId: string,
  news: Pick<Connector, 'status' | 'paused'>,
  message: Message,
): Promise<boolean> {
  const connector = await lock(em, connectorId, message.tenantId);
  if (!connector) throw new ConnectorNotKnownYet(connectorId);
  if (message.isOlderThan(connector.version)) return false;
  Object.assign(connector, news, { version: message.aggregateVersion });
  return true;
}

const lock = (em: EntityManager, connectorId: string, tenantId: string) =>
  em.findOne(Connector, { connectorId, tenantId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
