import { IsInt, Matches, Min } from 'class-validator';
import { type ContractClass, Event, type ServiceName } from './contract.ts';

const summary =
  "The number of entries in a service's audit log of the tenant, and the hash of the last one. A consumer that stores it can later detect whether the log was shortened or rewritten.";
const aggregate = 'audit-log';

/** The end of a chain of audit entries. The tenant is the event's, and the log's id. */
export class AuditHeadFieldsV1 {
  /** Number of entries, which is also the sequence of the last one. */
  @IsInt() @Min(1) entries!: number;
  /** Hash of the last entry, which covers all previous ones: SHA-256, in base64url. */
  @Matches(/^[\w-]{43}$/) hash!: string;
}

@Event({
  eventType: 'connector-config.audit-head-published.v1',
  producer: 'connector-config',
  aggregate,
  summary,
})
export class ConnectorConfigAuditHeadPublishedV1 extends AuditHeadFieldsV1 {}

@Event({ eventType: 'account-sync.audit-head-published.v1', producer: 'account-sync', aggregate, summary })
export class AccountSyncAuditHeadPublishedV1 extends AuditHeadFieldsV1 {}

@Event({
  eventType: 'product-catalog.audit-head-published.v1',
  producer: 'product-catalog',
  aggregate,
  summary,
})
export class ProductCatalogAuditHeadPublishedV1 extends AuditHeadFieldsV1 {}

@Event({
  eventType: 'subscription-lifecycle.audit-head-published.v1',
  producer: 'subscription-lifecycle',
  aggregate,
  summary,
})
export class SubscriptionLifecycleAuditHeadPublishedV1 extends AuditHeadFieldsV1 {}

@Event({ eventType: 'rest-provider.audit-head-published.v1', producer: 'rest-provider', aggregate, summary })
export class RestProviderAuditHeadPublishedV1 extends AuditHeadFieldsV1 {}

@Event({ eventType: 'webhooks.audit-head-published.v1', producer: 'webhooks', aggregate, summary })
export class WebhooksAuditHeadPublishedV1 extends AuditHeadFieldsV1 {}

const heads: Readonly<Record<ServiceName, ContractClass<AuditHeadFieldsV1>>> = {
  'connector-config': ConnectorConfigAuditHeadPublishedV1,
  'account-sync': AccountSyncAuditHeadPublishedV1,
  'product-catalog': ProductCatalogAuditHeadPublishedV1,
  'subscription-lifecycle': SubscriptionLifecycleAuditHeadPublishedV1,
  'rest-provider': RestProviderAuditHeadPublishedV1,
  webhooks: WebhooksAuditHeadPublishedV1,
};

/** The event by which a service publishes the end of its audit log. */
export function auditHeadOf(service: string): ContractClass<AuditHeadFieldsV1> {
  const contract = (heads as Readonly<Record<string, ContractClass<AuditHeadFieldsV1> | undefined>>)[service];
  if (!contract) throw new Error(`There is no contract for the head of ${service}'s audit log.`);
  return contract;
}
