export interface Use {
  verb: 'On' | 'RespondTo' | 'request' | 'watch';
  /** The name of a contract's class. */
  contract: string | typeof everyContract;
  file: string;
  service: string;
}
export const everyContract: unique symbol;
export function usesOf(root: string): Promise<Use[]>;
export function eventMap(root: string): Promise<Record<string, string>>;
