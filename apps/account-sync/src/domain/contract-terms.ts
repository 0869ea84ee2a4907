import { UnusableField } from './unusable-field.error.ts';

/** When and in which money a contract applies. Dates are `YYYY-MM-DD`. */
export interface ContractTerms {
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
      'Give an endDate on or after the startDate, or none.',
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
