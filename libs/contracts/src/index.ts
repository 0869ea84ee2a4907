// class-transformer's @Type() reads it while the contracts load.
import 'reflect-metadata';

export * from './contract.ts';
export * from './decode.ts';
export * from './audit-head.ts';
export { IsCounts, SyncRunFailureV1 } from './run-events.ts';
export * from './subject.ts';
export { FieldChangeV1, isoPeriod, MoneyV1 } from './values.ts';

export * from './account-sync/billing-contract.ts';
export * from './account-sync/count-account-records.ts';
export * from './account-sync/invoice.ts';
export * from './account-sync/provider-account.ts';
export * from './account-sync/provider-order.ts';
export * from './account-sync/provider-subscription.ts';
export * from './account-sync/sync-run.ts';

export * from './connector-config/api-key.ts';
export * from './connector-config/connector.ts';
export * from './connector-config/order-guard.ts';

export * from './product-catalog/catalog-sync.ts';
export * from './product-catalog/count-catalog-records.ts';
export * from './product-catalog/part-number.ts';
export * from './product-catalog/price.ts';
export * from './product-catalog/product.ts';

export * from './rest-provider/agreement.ts';

export * from './subscription-lifecycle/count-lifecycle-records.ts';
export * from './subscription-lifecycle/order.ts';
export * from './subscription-lifecycle/place-orders.ts';
export * from './subscription-lifecycle/scheduled-change.ts';
export * from './subscription-lifecycle/subscription.ts';
export * from './subscription-lifecycle/subscription-warnings.ts';

export * from './webhooks/webhook-endpoint.ts';

export * from './access.ts';
