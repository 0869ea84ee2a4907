import type { ContractClass, ServiceName } from './contract-class.ts';
import { ContractMisdeclared } from './contract.errors.ts';
import { register } from './registry.ts';

/** A question's class names its answer in a static property, so that `Asker.ask` can tell the compiler its type. */
export interface AskClass<Q extends object = object, A extends object = object> {
  new (): Q;
  readonly answer: ContractClass<A>;
}

/** A question or command from one service to another, answered at once or not at all. */
export interface AskContract<Q extends object = object, A extends object = object> {
  kind: 'ask';
  /** `ask.<service>.<verb>-<noun>` */
  subject: string;
  /** Who answers. */
  service: ServiceName;
  summary: string;
  type: AskClass<Q, A>;
}

const subjectShape = /^ask\.([a-z]+(?:-[a-z]+)*)\.[a-z]+(?:-[a-z]+)+$/;

/** Declares a class to be a question's contract. */
export function Ask(declared: Omit<AskContract, 'kind' | 'type'>) {
  return <Q extends object, A extends object>(type: AskClass<Q, A>): void => {
    if (subjectShape.exec(declared.subject)?.[1] !== declared.service) {
      throw new ContractMisdeclared(
        type.name,
        `the subject ${declared.subject} is not ask.${declared.service}.<verb>-<noun>`,
      );
    }
    register({ kind: 'ask', type, ...declared });
  };
}
