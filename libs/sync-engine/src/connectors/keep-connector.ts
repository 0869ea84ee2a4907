import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import type { ConnectorChangedV1 } from '@isthmus/contracts';
import type { Message } from '@isthmus/messaging';
import { Connector } from './connector.entity.ts';
import { ConnectorNotKnownYet } from './connector-not-known-yet.error.ts';

/** Creation and change both tell all of a connector, so whichever comes first makes the row. */
export async function keepSettings(
  em: EntityManager,
  news: ConnectorChangedV1,
  message: Message,
): Promise<void> {
  const { connectorId, name, currency, country, status, schedule } = news;
  const { tenantId, aggregateVersion: version } = message;
  const settings = { name, currency, country, status, schedule: { ...schedule }, version };
  const connector = await lock(em, connectorId, tenantId);
  if (!connector) {
    em.create(Connector, { connectorId, tenantId, ...settings });
    return;
  }
  if (message.isOlderThan(connector.version)) return;
  Object.assign(connector, settings);
  if (status === 'active') connector.paused = null;
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
