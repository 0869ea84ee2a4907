import { DomainError } from '@isthmus/domain';
import { UnusableField } from '../unusable-field.ts';

/** When and in which money a contract applies. Dates are `YYYY-MM-DD`. */
interface ContractTerms {
  currency: string;
  startDate: string;
  endDate?: string | null;
}

/**
 * @param billedIn currencies of the connectors whose accounts the contract can bill
 * @throws UnusableField naming the term that does not hold
 */
export function checkTerms(terms: ContractTerms, billedIn: readonly string[]): void {
  if (terms.endDate && terms.endDate < terms.startDate) {
    throw new UnusableField(
      'endDate',
      `The contract would end on ${terms.endDate}, before it starts on ${terms.startDate}.`,
      'Send an endDate on or after the startDate, or none.',
    );
  }
  if (!billedIn.includes(terms.currency)) {
    throw new UnusableField(
      'currency',
      `None of the linked provider accounts is billed in ${terms.currency}.`,
      `Use ${billedIn.join(' or ')}, or link an account of a connector in ${terms.currency}.`,
    );
  }
}

export class BillingContractNotFound extends DomainError {
  static override readonly code = 'billing-contract.not-found';
  constructor(readonly billingContractId: string) {
    super(`There is no billing contract ${billingContractId}.`, {
      nextStep: 'List the billing contracts and take an id from there.',
    });
  }
}

/** A contract bills what provider accounts hold, so there must be one. */
export class NoLinkedProviderAccount extends DomainError {
  static override readonly code = 'billing-contract.no-linked-account';
  constructor(readonly tenantAccountId: string) {
    super(`Tenant account ${tenantAccountId} has no linked provider account.`, {
      nextStep: 'Link a provider account to the tenant account first.',
    });
  }
}
