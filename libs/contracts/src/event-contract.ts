import type { ContractClass, ServiceName } from './contract-class.ts';
import { ContractMisdeclared } from './contract.errors.ts';
import { register } from './registry.ts';

/** A fact: said by its owner, heard by anyone. The class describes `data` only; the rest travels in the envelope. */
export interface EventContract<T extends object = object> {
  kind: 'event';
  /** `<service>.<noun>-<past-participle>.v<major>` */
  subject: string;
  producer: ServiceName;
  /** What the envelope's aggregate id and version are of. */
  aggregate: string;
  summary: string;
  type: ContractClass<T>;
}

const subjectShape = /^([a-z]+(?:-[a-z]+)*)\.[a-z]+(?:-[a-z]+)+\.v[1-9]\d*$/;

/** Declares a class to be an event's contract. */
export function Event(declared: Omit<EventContract, 'kind' | 'type'>) {
  return <T extends object>(type: ContractClass<T>): void => {
    if (subjectShape.exec(declared.subject)?.[1] !== declared.producer) {
      throw new ContractMisdeclared(
        type.name,
        `the subject ${declared.subject} is not ${declared.producer}.<noun>-<past-participle>.v<major>`,
      );
    }
    register({ kind: 'event', type, ...declared });
  };
}
