import { UniqueConstraintViolationException, type EntityManager } from '@mikro-orm/postgresql';
import type { Connector } from '../domain/connector.entity.ts';
import { ConnectorNameTaken } from '../domain/connector.errors.ts';

/**
 * Writes what is pending; the unique key decides who gets a name, as a check beforehand could be overtaken.
 * @throws ConnectorNameTaken
 */
export async function flushName(em: EntityManager, connector: Connector): Promise<void> {
  try {
    await em.flush();
  } catch (cause) {
    if (
      cause instanceof UniqueConstraintViolationException &&
      cause.message.includes('connectors_name_taken')
    ) {
      throw new ConnectorNameTaken(connector.name, { cause });
    }
    throw cause;
  }
}
