import { BillingContractChangedV1, BillingContractCreatedV1 } from './account-sync/billing-contract.ts';
import { CountAccountRecords } from './account-sync/count-account-records.ts';
import { ListInvoiceLines, ListInvoices, ReadInvoice } from './account-sync/invoice.ts';
import {
  CreateProviderAccount,
  ListProviderAccounts,
  ProviderAccountAppearedV1,
  ProviderAccountChangedV1,
  ProviderAccountClosedV1,
  ProviderAccountLinkedV1,
  ProviderAccountUnlinkedV1,
  ReadProviderAccount,
} from './account-sync/provider-account.ts';
import { ProviderOrderSeenV1, ProviderOrderSettledV1 } from './account-sync/provider-order.ts';
import {
  ProviderSubscriptionAppearedV1,
  ProviderSubscriptionChangedV1,
  ProviderSubscriptionEndedV1,
} from './account-sync/provider-subscription.ts';
import { WebhooksAuditHeadPublishedV1 } from './audit-head.ts';
import { ApiKeyRevokedV1, FindApiKey } from './connector-config/api-key.ts';
import {
  ConnectorChangedV1,
  ConnectorCreatedV1,
  ConnectorPausedV1,
  ConnectorRemovedV1,
  ConnectorResumedV1,
  OpenConnector,
  PauseConnector,
  ReadConnector,
} from './connector-config/connector.ts';
import { type ContractClass, eventContracts, type RequestClass, type ServiceName } from './contract.ts';
import { CountCatalogRecords } from './product-catalog/count-catalog-records.ts';
import { NameProducts, ResolvePartNumber } from './product-catalog/part-number.ts';
import { ListPrices } from './product-catalog/price.ts';
import { ReadAcceptedAgreement } from './rest-provider/agreement.ts';
import { CountLifecycleRecords } from './subscription-lifecycle/count-lifecycle-records.ts';
import { OrderRefusedV1, OrderSettledV1, OrderWithdrawnV1 } from './subscription-lifecycle/order.ts';
import { PlaceOrders, ReadOrders } from './subscription-lifecycle/place-orders.ts';
import {
  ChangeSubscription,
  ListSubscriptions,
  ReadSubscription,
  SubscriptionCreatedV1,
} from './subscription-lifecycle/subscription.ts';

/** The permissions of a service on the bus, besides publishing its own events and responding to its own requests. */
export interface ServiceAccess {
  /** Events that it consumes, each once, from their producers' streams. */
  consumes: readonly ContractClass[];
  /** Events that it watches as they are published, to refresh what it has cached. */
  watches: readonly ContractClass[];
  /** Requests that it sends. */
  requests: readonly RequestClass[];
  /** Whether it calls CMP, within the call budgets that all services share. */
  callsCmp: boolean;
}

const connectorEvents = [
  ConnectorCreatedV1,
  ConnectorChangedV1,
  ConnectorPausedV1,
  ConnectorResumedV1,
  ConnectorRemovedV1,
];
const subscriptionEvents = [
  ProviderSubscriptionAppearedV1,
  ProviderSubscriptionChangedV1,
  ProviderSubscriptionEndedV1,
];
/** Needed to call CMP: open a connector, and pause it when CMP rejects its credentials. */
const openingConnectors = [OpenConnector, PauseConnector];

/**
 * The permissions on the bus. NATS enforces them: the permissions of each service's key are generated from this table and from
 * the contracts, and a service that is not listed cannot connect. A missing entry is rejected when it is used.
 */
export const serviceAccess = (): Readonly<Record<ServiceName, ServiceAccess>> => ({
  'connector-config': {
    consumes: [WebhooksAuditHeadPublishedV1],
    watches: [],
    requests: [CountAccountRecords, CountCatalogRecords, CountLifecycleRecords],
    callsCmp: true,
  },
  'account-sync': {
    consumes: [...connectorEvents, OrderSettledV1],
    watches: [],
    // Of its own worker: only that program may call CMP.
    requests: [...openingConnectors, ReadConnector, CreateProviderAccount],
    callsCmp: true,
  },
  'product-catalog': {
    consumes: [...connectorEvents, ...subscriptionEvents],
    watches: [],
    requests: [...openingConnectors, ReadConnector],
    callsCmp: true,
  },
  'subscription-lifecycle': {
    consumes: [
      BillingContractCreatedV1,
      BillingContractChangedV1,
      ProviderAccountAppearedV1,
      ProviderAccountChangedV1,
      ProviderAccountClosedV1,
      ProviderAccountLinkedV1,
      ProviderAccountUnlinkedV1,
      ProviderOrderSeenV1,
      ProviderOrderSettledV1,
      ...subscriptionEvents,
      ...connectorEvents,
    ],
    watches: [],
    requests: [...openingConnectors, ReadAcceptedAgreement, ReadProviderAccount, ResolvePartNumber],
    callsCmp: true,
  },
  'rest-provider': {
    consumes: [],
    watches: [
      ConnectorChangedV1,
      ConnectorPausedV1,
      ConnectorRemovedV1,
      ConnectorResumedV1,
      ApiKeyRevokedV1,
      OrderSettledV1,
      OrderRefusedV1,
      OrderWithdrawnV1,
      SubscriptionCreatedV1,
    ],
    requests: [
      FindApiKey,
      CreateProviderAccount,
      ListProviderAccounts,
      ReadProviderAccount,
      ListInvoices,
      ListInvoiceLines,
      ReadInvoice,
      ResolvePartNumber,
      NameProducts,
      ListPrices,
      PlaceOrders,
      ReadOrders,
      ReadSubscription,
      ListSubscriptions,
      ChangeSubscription,
    ],
    callsCmp: false,
  },
  webhooks: {
    consumes: eventContracts().map(({ type }) => type),
    watches: [],
    requests: [],
    callsCmp: false,
  },
});
