import { Injectable } from '@nestjs/common';
import { MikroORM, UniqueConstraintViolationException, type EntityManager } from '@mikro-orm/postgresql';
import { ReadConnector } from '@isthmus/contracts';
import { Asker, AskLimit, isUnreachable } from '@isthmus/messaging';
import { transaction } from '@isthmus/service-kit';
import { Connector } from './connector.entity.ts';
import { storeConnector } from './keep-connector.ts';

const deadlineMs = 1_000;

/**
 * What one has just made, resumed or taken up again can be used at once, although its event may still be under way: what is
 * not known here as active is asked for at its owner.
 */
@Injectable()
export class ConnectorLookup {
  readonly #limit = new AskLimit();
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(
    private readonly orm: MikroORM,
    private readonly asker: Asker,
  ) {}

  /**
   * To be called before the transaction that needs the connector. Changes nothing when the owner does not know it, cannot be
   * reached, or was asked too often for this tenant: then what is known here counts.
   */
  async refresh(tenantId: string, connectorId: string): Promise<void> {
    const em = this.orm.em.fork();
    const known = await em.findOne(Connector, { connectorId, tenantId });
    if (known?.status === 'active') return;
    const key = `${tenantId} ${connectorId}`;
    const underWay = this.#underWay.get(key);
    if (underWay) return underWay;
    if (!this.#limit.take(tenantId)) return;
    const asking = this.#ask(tenantId, connectorId).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asking);
    return asking;
  }

  async #ask(tenantId: string, connectorId: string): Promise<void> {
    try {
      const { connector } = await this.asker.ask(ReadConnector, { tenantId, connectorId }, { deadlineMs });
      if (!connector) return;
      const { paused = null, ...settings } = connector;
      await transaction(this.orm, (em: EntityManager) =>
        storeConnector(em, settings, { tenantId, aggregateVersion: settings.version }, paused),
      );
    } catch (error) {
      // The first: its event came at the same moment.
      if (error instanceof UniqueConstraintViolationException || isUnreachable(error)) return;
      throw error;
    }
  }
}
