import { Injectable } from '@nestjs/common';
import {
  CountAccountRecords,
  CountCatalogRecords,
  CountLifecycleRecords,
  type CountAccountRecordsResponse,
  type RequestClass,
  type CountCatalogRecordsResponse,
  type CountLifecycleRecordsResponse,
} from '@isthmus/contracts';
import { RequestClient, RequestRefused, isUnreachable } from '@isthmus/messaging';
import type { Connector } from './connector.entity.ts';
import {
  type AccountField,
  ConnectorHasRecords,
  type ConnectorRecordCounts,
  DependentsUnknown,
} from './connector.errors.ts';

/** The records other services keep for a connector; null where a service did not respond. */
export interface Dependents {
  accounts: CountAccountRecordsResponse | null;
  catalog: CountCatalogRecordsResponse | null;
  lifecycle: CountLifecycleRecordsResponse | null;
}

const deadlineMs = 3_000;

/** Counts the records that other services keep for a connector. */
@Injectable()
export class ConnectorDependents {
  constructor(private readonly requests: RequestClient) {}

  async count(tenantId: string, connectorId: string): Promise<Dependents> {
    const request = { tenantId, connectorId };
    const [accounts, catalog, lifecycle] = await Promise.all([
      this.#request(CountAccountRecords, request),
      this.#request(CountCatalogRecords, request),
      this.#request(CountLifecycleRecords, request),
    ]);
    return { accounts, catalog, lifecycle };
  }

  /**
   * Refuses to let a connector mean another account while anything was read or ordered through it: a record of one CMP
   * account must never be taken for one of another. To be called with the connector locked, so that no run opens it
   * meanwhile (docs/decisions/0100).
   * @param moved what would differ
   * @throws DependentsUnknown, ConnectorHasRecords
   */
  async requireNone(connector: Connector, moved: readonly AccountField[]): Promise<void> {
    const dependents = await this.count(connector.tenantId, connector.id);
    const notCounted = servicesNotCounted(dependents);
    if (notCounted.length > 0) throw new DependentsUnknown(connector.id, notCounted);
    const records = recordsOf(dependents);
    if (connector.restoredAt || Object.values(records).some(Boolean))
      throw new ConnectorHasRecords(connector, records, moved);
  }

  async #request<Q extends object, A extends object>(
    contract: RequestClass<Q, A>,
    request: Q,
  ): Promise<A | null> {
    try {
      return await this.requests.request(contract, request, { deadlineMs });
    } catch (error) {
      if (error instanceof RequestRefused || isUnreachable(error)) return null;
      throw error;
    }
  }
}

export function servicesNotCounted({ accounts, catalog, lifecycle }: Dependents): string[] {
  return [
    ...(accounts ? [] : ['account-sync']),
    ...(catalog ? [] : ['product-catalog']),
    ...(lifecycle ? [] : ['subscription-lifecycle']),
  ];
}

/** Counts all records that belong to the connector's account, keyed by their name in messages. */
function recordsOf({ accounts, catalog, lifecycle }: Dependents): ConnectorRecordCounts {
  return {
    accounts: accounts?.accounts ?? 0,
    links: accounts?.links ?? 0,
    'live subscriptions': Math.max(accounts?.liveSubscriptions ?? 0, lifecycle?.liveSubscriptions ?? 0),
    products: catalog?.products ?? 0,
    mappings: catalog?.mappings ?? 0,
    'scheduled changes': lifecycle?.scheduledChanges ?? 0,
    'open orders': lifecycle
      ? lifecycle.ordersPlanned + lifecycle.ordersSending + lifecycle.ordersUnknown + lifecycle.ordersAccepted
      : 0,
    'orders that need attention': lifecycle?.ordersNeedingAttention ?? 0,
    'open sync runs': (accounts?.openRuns ?? 0) + (catalog?.openRuns ?? 0),
  };
}
