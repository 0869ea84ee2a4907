import { operations } from '@isthmus/sdk';

export type OperationName = keyof typeof operations;

/** A ladder: each role may also do what those before it may. */
const ladder = ['viewer', 'finance', 'operator', 'admin'];

/** Whether one of the roles is enough for what asks for `needed`. */
export function suffices(held: readonly string[], needed: string): boolean {
  const step = ladder.indexOf(needed);
  return held.some((role) => role === needed || (step >= 0 && ladder.indexOf(role) >= step));
}

/** The least role that may call an operation of the API, as its document says. */
export const roleFor = (operation: OperationName): string => operations[operation].role;

export const isOperation = (call: string): call is OperationName => call in operations;
