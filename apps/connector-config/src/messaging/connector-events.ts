import type { EntityManager } from '@mikro-orm/postgresql';
import {
  ConnectorChangedV1,
  ConnectorCreatedV1,
  ConnectorPausedV1,
  ConnectorRemovedV1,
  ConnectorResumedV1,
  type ContractClass,
} from '@isthmus/contracts';
import { emit, event } from '@isthmus/messaging';
import { currentCorrelationId } from '@isthmus/service-kit';
import type { Connector } from '../domain/connector.entity.ts';

/** Each to be called after the change was flushed and before its transaction ends: the event carries the new version. */
export function sayCreated(em: EntityManager, connector: Connector): void {
  say(em, ConnectorCreatedV1, connector, settingsOf(connector));
}

export function emitRestored(em: EntityManager, connector: Connector): void {
  say(em, ConnectorCreatedV1, connector, { ...settingsOf(connector), restored: true });
}

export function sayChanged(em: EntityManager, connector: Connector): void {
  say(em, ConnectorChangedV1, connector, settingsOf(connector));
}

export function sayPaused(em: EntityManager, connector: Connector): void {
  const { id: connectorId, name, paused } = connector;
  if (!paused) throw new Error(`Connector ${connectorId} is not paused, so there is nothing to say.`);
  const { automatic, cause, detail, nextStep, by } = paused;
  say(em, ConnectorPausedV1, connector, { connectorId, name, automatic, cause, detail, nextStep, by });
}

export function sayResumed(em: EntityManager, connector: Connector, by: string): void {
  say(em, ConnectorResumedV1, connector, { connectorId: connector.id, name: connector.name, by });
}

export function sayRemoved(em: EntityManager, connector: Connector, by: string, forced: boolean): void {
  const { id: connectorId, name } = connector;
  say(em, ConnectorRemovedV1, connector, { connectorId, name, by, ...(forced && { forced }) });
}

function say<T extends object>(
  em: EntityManager,
  contract: ContractClass<T>,
  connector: Connector,
  data: T,
): void {
  const { id: aggregateId, tenantId, version } = connector;
  const facts = { tenantId, aggregateId, version, correlationId: currentCorrelationId() };
  emit(em, event(contract, data, facts));
}

/** As its events carry it. */
export function settingsOf(connector: Connector): ConnectorChangedV1 {
  const { id: connectorId, name, apiUrl, marketplace, country, currency, accountId, version } = connector;
  const { schedule, callLimit } = connector;
  const status = connector.status === 'paused' ? 'paused' : 'active';
  return {
    connectorId,
    name,
    apiUrl,
    marketplace,
    country,
    currency,
    accountId,
    status,
    schedule,
    callLimit,
    version,
  };
}
