import type { EntityManager } from '@mikro-orm/postgresql';
import { BillingContractChangedV1, BillingContractCreatedV1 } from '@isthmus/contracts';
import { emit, event } from '@isthmus/messaging';
import { currentCorrelationId } from '@isthmus/service-kit';
import type { BillingContract } from '../domain/billing-contract.entity.ts';

/** Each to be called after the change was flushed and before its transaction ends: the event carries the new version. */
export function sayContractCreated(em: EntityManager, contract: BillingContract): void {
  emit(em, event(BillingContractCreatedV1, termsOf(contract), factsOf(contract)));
}

export function sayContractChanged(em: EntityManager, contract: BillingContract): void {
  emit(em, event(BillingContractChangedV1, termsOf(contract), factsOf(contract)));
}

const termsOf = (contract: BillingContract): BillingContractCreatedV1 => ({
  billingContractId: contract.id,
  tenantAccountId: contract.tenantAccountId,
  name: contract.name,
  currency: contract.currency,
  startDate: contract.startDate,
  endDate: contract.endDate ?? undefined,
  isDefault: contract.isDefault,
});

const factsOf = ({ id: aggregateId, tenantId, version }: BillingContract) => ({
  tenantId,
  aggregateId,
  version,
  correlationId: currentCorrelationId(),
});
