import { type ConnectorChangedV1, ReadConnector } from '@isthmus/contracts';
import { DomainError } from '@isthmus/domain';
import { RequestClient, RequestLimit, isUnreachable, type Message } from '@isthmus/messaging';
import { inTenant, transaction } from '@isthmus/service-kit';
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import {
  type EntityManager,
  LockMode,
  MikroORM,
  UniqueConstraintViolationException,
} from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';

const deadlineMs = 1_000;

/**
 * A connector that has just been created, resumed or restored can be used immediately, even if its event has not arrived yet: a
 * connector that is not known here as active is requested from its owner.
 */
@Injectable()
export class ConnectorLookup {
  readonly #limit = new RequestLimit();
  readonly #inFlight = new Map<string, Promise<void>>();

  constructor(
    private readonly orm: MikroORM,
    private readonly requests: RequestClient,
  ) {}

  /**
   * Call it before the transaction that needs the connector. It changes nothing if the owner does not know the connector, cannot be
   * reached, or has been asked too often for this tenant; then what is stored here applies.
   */
  refresh(tenantId: string, connectorId: string): Promise<void> {
    return inTenant(tenantId, () => this.#refresh(tenantId, connectorId));
  }

  async #refresh(tenantId: string, connectorId: string): Promise<void> {
    const em = this.orm.em.fork();
    const known = await em.findOne(Connector, { connectorId, tenantId });
    if (known?.status === 'active') return;
    const key = `${tenantId} ${connectorId}`;
    const inFlight = this.#inFlight.get(key);
    if (inFlight) return inFlight;
    if (!this.#limit.take(tenantId)) return;
    const request = this.#request(tenantId, connectorId).finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, request);
    return request;
  }

  async #request(tenantId: string, connectorId: string): Promise<void> {
    try {
      const { connector } = await this.requests.request(
        ReadConnector,
        { tenantId, connectorId },
        { deadlineMs },
      );
      if (!connector) return;
      const { paused = null, ...settings } = connector;
      await transaction(this.orm, (em: EntityManager) =>
        storeConnector(em, settings, { tenantId, aggregateVersion: settings.version }, paused),
      );
    } catch (error) {
      // Two concurrent inserts: its event arrived at the same moment.
      if (error instanceof UniqueConstraintViolationException || isUnreachable(error)) return;
      throw error;
    }
  }
}

/**
 * The connector for which something is stored, locked until the transaction ends. A paused one may still be configured.
 * @throws ConnectorNotFound, also for a removed one or another tenant's
 */
export async function requireConnector(em: EntityManager, connectorId: string): Promise<Connector> {
  const connector = await em.findOne(Connector, { connectorId }, { lockMode: LockMode.PESSIMISTIC_READ });
  if (!connector || connector.status === 'removed') throw new ConnectorNotFound(connectorId);
  return connector;
}

/**
 * The connector for which a person requests a run, likewise.
 * @throws ConnectorNotFound, ConnectorPaused
 */
export async function requireActiveConnector(em: EntityManager, connectorId: string): Promise<Connector> {
  const connector = await requireConnector(em, connectorId);
  if (connector.status === 'paused') throw new ConnectorPaused(connectorId, connector.paused ?? null);
  return connector;
}

/**
 * Stores a connector as its owner describes it, unless a later version is known. Creation, change and the owner's response all
 * carry the whole connector, so whichever comes first creates the row.
 * @param paused the reason, if it is known
 */
export async function storeConnector(
  em: EntityManager,
  news: ConnectorChangedV1,
  { tenantId, aggregateVersion: version }: Pick<Message, 'tenantId' | 'aggregateVersion'>,
  paused: ConnectorPause | null = null,
): Promise<void> {
  const { connectorId, name, currency, country, status, schedule } = news;
  const settings = { name, currency, country, status, schedule: { ...schedule }, version };
  const connector = await lockConnector(em, connectorId, tenantId);
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
 * Applies a newer status to a connector that is stored here.
 * @returns whether it was newer
 * @throws ConnectorNotKnownYet
 */
export async function updateStatus(
  em: EntityManager,
  connectorId: string,
  news: Pick<Connector, 'status' | 'paused'>,
  message: Message,
): Promise<boolean> {
  const connector = await lockConnector(em, connectorId, message.tenantId);
  if (!connector) throw new ConnectorNotKnownYet(connectorId);
  if (message.isOlderThan(connector.version)) return false;
  Object.assign(connector, news, { version: message.aggregateVersion });
  return true;
}

const lockConnector = (em: EntityManager, connectorId: string, tenantId: string) =>
  em.findOne(Connector, { connectorId, tenantId }, { lockMode: LockMode.PESSIMISTIC_WRITE });

/** No connector of this tenant has this id; removed ones count as absent. */
export class ConnectorNotFound extends DomainError {
  static override readonly code = 'connector.not-found';
  constructor(readonly connectorId: string) {
    super(`There is no connector ${connectorId}.`, {
      nextStep: 'Use an id from GET /v1/connectors.',
    });
  }
}

/** Nothing is read through a paused connector; `nextStep` is what its owner recommended when it was paused. */
export class ConnectorPaused extends DomainError {
  static override readonly code = 'connector.paused';
  constructor(
    readonly connectorId: string,
    pause: { detail: string; nextStep: string } | null,
  ) {
    super(`Connector ${connectorId} is paused. ${pause?.detail ?? 'No reason was given.'}`, {
      nextStep: pause?.nextStep || 'Resume the connector, then start the run again.',
    });
  }
}

/** An event arrived before the connector's creation. Thrown so that it is delivered again, after the creation. */
class ConnectorNotKnownYet extends DomainError {
  static override readonly code = 'connector.not-known-yet';
  constructor(readonly connectorId: string) {
    super(`The creation of connector ${connectorId} is not known here yet.`);
  }
}

export interface SyncSchedule {
  /** Minutes between ticks (which read what has changed since the last one), sweeps of all listings, and account syncs; 0 means never. */
  tickMinutes: number;
  sweepMinutes: number;
  accountsMinutes: number;
}

/** The reason why a connector is currently not in use, according to its owner. */
export interface ConnectorPause {
  cause: string;
  detail: string;
  nextStep: string;
}

/** This service's copy of a connector, as published by connector-config. */
export const Connector = defineEntity({
  name: 'Connector',
  tableName: 'connectors',
  indexes: [{ name: 'connectors_tenant', properties: ['tenantId'] }],
  properties: {
    connectorId: p.uuid().primary(),
    tenantId: p.uuid(),
    name: p.text(),
    currency: p.text(),
    /** ISO 3166 alpha-2; empty until its owner has published it. */
    country: p.text().default(''),
    status: p.enum(['active', 'paused', 'removed'] as const),
    paused: p.json<ConnectorPause>().nullable(),
    schedule: p.json<SyncSchedule>(),
    /** When it was restored after a removal: earlier runs are irrelevant for what is due. */
    restoredAt: p.datetime().nullable(),
    /** The owner's version of the connector; older events are ignored. */
    version: p.integer(),
  },
});
export type Connector = InferEntity<typeof Connector>;
