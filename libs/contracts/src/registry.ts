import type { AskContract } from './ask-contract.ts';
import type { ContractClass } from './contract-class.ts';
import { ContractMisdeclared } from './contract.errors.ts';
import type { EventContract } from './event-contract.ts';
import type { WorkContract } from './work-contract.ts';

export type Contract = EventContract | AskContract | WorkContract;

const byClass = new Map<ContractClass, Contract>();
const bySubject = new Map<string, Contract>();

/**
 * Called by the decorators as contract files are loaded.
 *
 * @throws ContractMisdeclared when two classes claim one subject
 */
export function register(contract: Contract): void {
  const other = bySubject.get(contract.subject);
  if (other) {
    throw new ContractMisdeclared(
      contract.type.name,
      `the subject ${contract.subject} belongs to ${other.type.name}`,
    );
  }
  byClass.set(contract.type, contract);
  bySubject.set(contract.subject, contract);
}

const ofKind = <K extends Contract['kind']>(kind: K) =>
  [...bySubject.values()]
    .filter((contract): contract is Extract<Contract, { kind: K }> => contract.kind === kind)
    .sort((a, b) => (a.subject < b.subject ? -1 : 1));

/** Every event anyone says, by subject. */
export const eventContracts = (): EventContract[] => ofKind('event');

/** Every question one service may ask another, by subject. */
export const askContracts = (): AskContract[] => ofKind('ask');

/** Every kind of work item, by subject. */
export const workContracts = (): WorkContract[] => ofKind('work');

/**
 * What was declared on a contract class.
 *
 * @throws ContractMisdeclared when the class carries no contract
 */
export function contractOf(type: ContractClass): Contract {
  const contract = byClass.get(type);
  if (!contract) throw new ContractMisdeclared(type.name, 'it carries neither @Event, @Ask nor @Work');
  return contract;
}

/** The contract said under this subject, or nothing when it is not ours. */
export const contractBySubject = (subject: string): Contract | undefined => bySubject.get(subject);
