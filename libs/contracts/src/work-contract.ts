import type { ContractClass, ServiceName } from './contract-class.ts';
import { ContractMisdeclared } from './contract.errors.ts';
import { register } from './registry.ts';

/** A piece of work a service leaves for its own workers; one of them takes it. It may be delivered more than once. */
export interface WorkContract<T extends object = object> {
  kind: 'work';
  /** `work.<service>.<noun>` */
  subject: string;
  service: ServiceName;
  summary: string;
  type: ContractClass<T>;
}

const subjectShape = /^work\.([a-z]+(?:-[a-z]+)*)\.[a-z]+(?:-[a-z]+)*$/;

/** Declares a class to be a work item's contract. */
export function Work(declared: Omit<WorkContract, 'kind' | 'type'>) {
  return <T extends object>(type: ContractClass<T>): void => {
    if (subjectShape.exec(declared.subject)?.[1] !== declared.service) {
      throw new ContractMisdeclared(
        type.name,
        `the subject ${declared.subject} is not work.${declared.service}.<noun>`,
      );
    }
    register({ kind: 'work', type, ...declared });
  };
}
