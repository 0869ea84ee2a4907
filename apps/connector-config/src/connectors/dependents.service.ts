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

/** The records other services keep for a connector; null where a service did not respond. */
export interface Dependents {
  accounts: AccountRecordCounts | null;
  catalog: CatalogRecordCounts | null;
  lifecycle: LifecycleRecordCounts | null;
}

const deadlineMs = 3_000;

/** Counts the records that other services keep for a connector. */
@Injectable()
export class ConnectorDependents {
  constructor(private readonly asker: Asker) {}

  async count(tenantId: string, connectorId: string): Promise<Dependents> {
    const request = { tenantId, connectorId };
    const [accounts, catalog, lifecycle] = await Promise.all([
      this.#request(CountAccountRecords, request),
      this.#request(CountCatalogRecords, request),
      this.#request(CountLifecycleRecords, request),
    ]);
    return { accounts, catalog, lifecycle };
  }

  async #request<Q extends object, A extends object>(
    contract: AskClass<Q, A>,
    request: Q,
  ): Promise<A | null> {
    try {
      return await this.asker.ask(contract, request, { deadlineMs });
    } catch (error) {
      if (error instanceof AskRefused || isUnreachable(error)) return null;
      throw error;
    }
  }
}
