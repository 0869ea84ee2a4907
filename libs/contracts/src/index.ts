// class-transformer's @Type() reads it while the contracts load.
import 'reflect-metadata';

export * from './contract-class.ts';
export * from './contract.errors.ts';
export * from './event-contract.ts';
export * from './ask-contract.ts';
export * from './work-contract.ts';
export {
  askContracts,
  contractBySubject,
  contractOf,
  eventContracts,
  workContracts,
  type Contract,
} from './registry.ts';
export * from './decode.ts';
export * from './money.ts';
export * from './account-sync/billing-contract-changed.v1.ts';
export * from './account-sync/billing-contract-created.v1.ts';
export * from './account-sync/create-provider-account.ts';
export * from './account-sync/invoice-imported.v1.ts';
export * from './account-sync/list-invoice-lines.ts';
export * from './account-sync/list-invoices.ts';
export * from './account-sync/list-provider-accounts.ts';
export * from './account-sync/provider-account-appeared.v1.ts';
export * from './account-sync/provider-account-changed.v1.ts';
export * from './account-sync/provider-account-closed.v1.ts';
export * from './account-sync/provider-account-linked.v1.ts';
export * from './account-sync/provider-account-unlinked.v1.ts';
export * from './account-sync/provider-account.ts';
export * from './account-sync/provider-order-seen.v1.ts';
export * from './account-sync/provider-order-settled.v1.ts';
export * from './account-sync/provider-subscription-appeared.v1.ts';
export * from './account-sync/provider-subscription-changed.v1.ts';
export * from './account-sync/provider-subscription-ended.v1.ts';
export * from './account-sync/rated-line.ts';
export * from './account-sync/read-invoice.ts';
export * from './account-sync/read-provider-account.ts';
export * from './account-sync/subscription-line.ts';
export * from './account-sync/subscription-term.ts';
export * from './account-sync/sync-run-due.ts';
export * from './account-sync/sync-run-finished.v1.ts';
export * from './account-sync/sync-run-started.v1.ts';
export * from './account-sync/sync-run.ts';
export * from './connector-config/connector-call-limit.ts';
export * from './connector-config/connector-changed.v1.ts';
export * from './connector-config/connector-created.v1.ts';
export * from './connector-config/connector-paused.v1.ts';
export * from './connector-config/connector-removed.v1.ts';
export * from './connector-config/connector-resumed.v1.ts';
export * from './connector-config/connector-schedule.ts';
export * from './connector-config/connector-status.ts';
export * from './connector-config/find-api-key.ts';
export * from './connector-config/open-connector.ts';
export * from './connector-config/opened-connector.ts';
export * from './connector-config/pause-connector.ts';
export * from './product-catalog/catalog-sync-due.ts';
export * from './product-catalog/catalog-sync-finished.v1.ts';
export * from './product-catalog/catalog-sync-started.v1.ts';
export * from './product-catalog/catalog-sync.ts';
export * from './product-catalog/list-prices.ts';
export * from './product-catalog/part-number-mapped.v1.ts';
export * from './product-catalog/part-number-mapping.ts';
export * from './product-catalog/part-number-unmapped.v1.ts';
export * from './product-catalog/price-changed.v1.ts';
export * from './product-catalog/product-appeared.v1.ts';
export * from './product-catalog/product-changed.v1.ts';
export * from './product-catalog/product-facts.ts';
export * from './product-catalog/product-withdrawn.v1.ts';
export * from './product-catalog/resolution.ts';
export * from './product-catalog/resolve-part-number.ts';
export * from './product-catalog/resolved-product.ts';
export * from './subscription-lifecycle/agreed-subscription.ts';
export * from './subscription-lifecycle/change-subscription.ts';
export * from './subscription-lifecycle/list-subscriptions.ts';
export * from './subscription-lifecycle/order-facts.ts';
export * from './subscription-lifecycle/order-placed.v1.ts';
export * from './subscription-lifecycle/order-raised.v1.ts';
export * from './subscription-lifecycle/order-reason.ts';
export * from './subscription-lifecycle/order-refused.v1.ts';
export * from './subscription-lifecycle/order-settled.v1.ts';
export * from './subscription-lifecycle/order-state.ts';
export * from './subscription-lifecycle/order-withdrawn.v1.ts';
export * from './subscription-lifecycle/place-orders.ts';
export * from './subscription-lifecycle/read-orders.ts';
export * from './subscription-lifecycle/read-subscription.ts';
export * from './subscription-lifecycle/renewal-ahead.v1.ts';
export * from './subscription-lifecycle/scheduled-change-changed.v1.ts';
export * from './subscription-lifecycle/subscription-changed.v1.ts';
export * from './subscription-lifecycle/subscription-created.v1.ts';
export * from './subscription-lifecycle/subscription-ended.v1.ts';
export * from './subscription-lifecycle/subscription-facts.ts';
export * from './subscription-lifecycle/window-closing.v1.ts';
export * from './webhooks/endpoint-disabled.v1.ts';
export * from './webhooks/endpoint-failing.v1.ts';
