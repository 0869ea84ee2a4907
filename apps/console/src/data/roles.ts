import { operations } from '@isthmus/sdk';

export type OperationName = keyof typeof operations;

/** A ladder: who may change something may read it. Other roles, such as finance, stand beside it. */
const ladder = ['viewer', 'operator', 'admin'];

/** Whether one of the roles is enough for what asks for `needed`. */
export function suffices(held: readonly string[], needed: string): boolean {
  const step = ladder.indexOf(needed);
  return held.some((role) => role === needed || (step >= 0 && ladder.indexOf(role) >= step));
}

/** The least role that may call an operation of the API, as its document says. */
export const roleFor = (operation: OperationName): string => operations[operation].role;

export const isOperation = (call: string): call is OperationName => call in operations;
