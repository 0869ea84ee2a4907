import { Injectable } from '@nestjs/common';
import {
  CountAccountRecords,
  CountCatalogRecords,
  CountLifecycleRecords,
  type AccountRecordCounts,
  type AskClass,
  type CatalogRecordCounts,
  type LifecycleRecordCounts,
} from '@isthmus/contracts';
import { Asker, AskRefused, isUnreachable } from '@isthmus/messaging';

/** What other services keep for a connector; null where the service could not be asked. */
export interface Dependents {
  accounts: AccountRecordCounts | null;
  catalog: CatalogRecordCounts | null;
  lifecycle: LifecycleRecordCounts | null;
}

const deadlineMs = 3_000;

/** Asks the services that keep records of connectors what they have for one. */
@Injectable()
export class ConnectorDependents {
  constructor(private readonly asker: Asker) {}

  async count(tenantId: string, connectorId: string): Promise<Dependents> {
    const question = { tenantId, connectorId };
    const [accounts, catalog, lifecycle] = await Promise.all([
      this.#ask(CountAccountRecords, question),
      this.#ask(CountCatalogRecords, question),
      this.#ask(CountLifecycleRecords, question),
    ]);
    return { accounts, catalog, lifecycle };
  }

  async #ask<Q extends object, A extends object>(contract: AskClass<Q, A>, question: Q): Promise<A | null> {
    try {
      return await this.asker.ask(contract, question, { deadlineMs });
    } catch (error) {
      if (error instanceof AskRefused || isUnreachable(error)) return null;
      throw error;
    }
  }
}
