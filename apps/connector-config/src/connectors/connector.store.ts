import {
  ConnectorChangedV1,
  ConnectorCreatedV1,
  ConnectorPausedV1,
  ConnectorRemovedV1,
  ConnectorResumedV1,
  type ContractClass,
} from '@isthmus/contracts';
import { emit, event } from '@isthmus/messaging';
import { type Actor, audit, currentCorrelationId, lockTenant } from '@isthmus/service-kit';
import { type EntityManager, LockMode, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { Connector } from './connector.entity.ts';
import { ConnectorNameTaken, ConnectorNotFound, TooManyConnectors } from './connector.errors.ts';
import { type ConnectorSettings, orderGuardOf, type Verification } from './connector.ts';

/** @throws ConnectorNotFound, also when it is another tenant's */
export async function requireConnector(em: EntityManager, id: string): Promise<Connector> {
  const connector = await em.findOne(Connector, { id });
  if (!connector) throw new ConnectorNotFound(id);
  return connector;
}

/**
 * Like `requireConnector`, but locks the connector until the transaction ends: commands on one connector wait for each other
 * instead of failing.
 * @throws ConnectorNotFound
 */
export async function lockConnector(em: EntityManager, id: string): Promise<Connector> {
  const connector = await em.findOne(Connector, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!connector) throw new ConnectorNotFound(id);
  return connector;
}

/**
 * Returns the connector after waiting for a change in progress to end: a caller that gets the credentials of an account starts
 * only after such a change has verified that nobody uses the account.
 * @throws ConnectorNotFound
 */
export async function settledConnector(em: EntityManager, id: string): Promise<Connector> {
  const connector = await em.findOne(Connector, { id }, { lockMode: LockMode.PESSIMISTIC_READ });
  if (!connector) throw new ConnectorNotFound(id);
  return connector;
}

export interface ConnectorRef {
  id: string;
  name: string;
}

type Account = Pick<ConnectorSettings, 'apiUrl' | 'accountId'>;

/** Other live connectors of the tenant for the same account at CMP, by the id of the given connector. */
export async function sameAccountAs(
  em: EntityManager,
  connectors: readonly Connector[],
): Promise<Map<string, ConnectorRef[]>> {
  const accounts = connectors.map(({ apiUrl, accountId }) => ({ apiUrl, accountId }));
  const all =
    accounts.length > 0 ? await em.find(Connector, { $or: accounts }, { orderBy: { nameKey: 'asc' } }) : [];
  const isSame = (one: Connector, other: Connector) =>
    one.id !== other.id && one.apiUrl === other.apiUrl && one.accountId === other.accountId;
  return new Map(
    connectors.map((one) => [
      one.id,
      all.filter((other) => isSame(one, other)).map(({ id, name }) => ({ id, name })),
    ]),
  );
}

/** The connector of this account that was removed last. */
export function findArchived(em: EntityManager, { apiUrl, accountId }: Account): Promise<Connector | null> {
  const archived = { apiUrl, accountId, status: 'removed' as const };
  return em.findOne(Connector, archived, { filters: { live: false }, orderBy: { removedAt: 'desc' } });
}

/**
 * To be called before one is added.
 * @throws TooManyConnectors
 */
export async function requireRoomForConnector(
  em: EntityManager,
  tenantId: string,
  most: number,
): Promise<void> {
  await lockTenant(em, tenantId, 'connectors');
  if ((await em.count(Connector)) >= most) throw new TooManyConnectors(most);
}

/** Locked until the transaction ends; null when it is archived no more. */
export function lockArchived(em: EntityManager, id: string): Promise<Connector | null> {
  const archived = { id, status: 'removed' as const };
  return em.findOne(Connector, archived, { filters: { live: false }, lockMode: LockMode.PESSIMISTIC_WRITE });
}

/**
 * Stores the result with the connector unless its settings changed during the verification. It bypasses the entity, because a
 * verification is not a change: the version, and with it the ETag, stays the same.
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

/**
 * Flushes pending changes. The unique key decides who gets a name, because a check beforehand would be a race.
 * @throws ConnectorNameTaken
 */
export async function saveWithUniqueName(em: EntityManager, connector: Connector): Promise<void> {
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

/**
 * The fields of a connector that the audit log shows. Secrets are not among them; the log only records that they were replaced.
 */
export function auditedFields(connector: Connector): object {
  const { name, username, apiUrl, accountId, country, currency, marketplace } = connector;
  const { schedule, callLimit, fieldNames, termOfFrequency, orderGuard, status, partnerAttestation } =
    connector;
  const paused = connector.paused && { by: connector.paused.by, cause: connector.paused.cause };
  return {
    ...{ name, username, apiUrl, accountId, country, currency, marketplace, schedule, callLimit, fieldNames },
    ...{ termOfFrequency, orderGuard, status, paused, partnerAttestation },
  };
}

type ConnectorCommand =
  | 'create'
  | 'restore'
  | 'update'
  | 'pause'
  | 'resume'
  | 'verify'
  | 'attest'
  | 'withdraw-attestation'
  | 'remove';

interface AuditDetails {
  /** `auditedFields` as they were; absent for a new connector. */
  before?: object;
  /** Additional fields for `after`. */
  also?: object;
  reason?: string;
  by?: Actor;
}

/** Records a command on a connector in the audit log; writes nothing if the command changed nothing. */
export const auditConnector = (
  em: EntityManager,
  connector: Connector,
  command: ConnectorCommand,
  { before, also, ...more }: AuditDetails = {},
): Promise<void> =>
  audit(em, {
    tenantId: connector.tenantId,
    action: `connector.${command}`,
    thing: ['connector', connector.id],
    before,
    after: { ...auditedFields(connector), ...also },
    ...more,
  });

// Each `emit…` is to be called after the change was flushed and before its transaction ends: the event carries the new version.

export function emitCreated(em: EntityManager, connector: Connector): void {
  publish(em, ConnectorCreatedV1, connector, toConnectorSettings(connector));
}

export function emitRestored(em: EntityManager, connector: Connector): void {
  publish(em, ConnectorCreatedV1, connector, { ...toConnectorSettings(connector), restored: true });
}

export function emitChanged(em: EntityManager, connector: Connector): void {
  publish(em, ConnectorChangedV1, connector, toConnectorSettings(connector));
}

export function emitPaused(em: EntityManager, connector: Connector): void {
  const { id: connectorId, name, paused } = connector;
  if (!paused) throw new Error(`Connector ${connectorId} is not paused, so there is nothing to publish.`);
  const { automatic, cause, detail, nextStep, by } = paused;
  publish(em, ConnectorPausedV1, connector, { connectorId, name, automatic, cause, detail, nextStep, by });
}

export function emitResumed(em: EntityManager, connector: Connector, by: string): void {
  publish(em, ConnectorResumedV1, connector, { connectorId: connector.id, name: connector.name, by });
}

export function emitRemoved(em: EntityManager, connector: Connector, by: string, forced: boolean): void {
  const { id: connectorId, name } = connector;
  publish(em, ConnectorRemovedV1, connector, { connectorId, name, by, ...(forced && { forced }) });
}

function publish<T extends object>(
  em: EntityManager,
  contract: ContractClass<T>,
  connector: Connector,
  data: T,
): void {
  const { id: aggregateId, tenantId, version } = connector;
  const about = { tenantId, aggregateId, version, correlationId: currentCorrelationId() };
  emit(em, event(contract, data, about));
}

/** The settings as events carry them. */
export function toConnectorSettings(connector: Connector): ConnectorChangedV1 {
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
    orderGuard: orderGuardOf(connector),
    version,
  };
}
