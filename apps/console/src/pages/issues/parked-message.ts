import type { Operation, Row } from '@isthmus/sdk';
import type { BulkOutcome, BulkRow } from '../../parts/form/bulk-drawer.tsx';

export type ParkedMessage = Row<Operation<'get', '/v1/parked-messages'>>;

/** Those that have parked messages. */
export const services = [
  'account-sync',
  'connector-config',
  'product-catalog',
  'rest-provider',
  'subscription-lifecycle',
  'webhooks',
] as const;

export const keyOf = ({ id }: ParkedMessage): string => id;

export const nameOf = ({ eventType, subject }: Pick<ParkedMessage, 'eventType' | 'subject'>): string =>
  [eventType, subject].filter(Boolean).join(' ');

/** Whether a retry has a chance: what is wrong with a message itself stays wrong. */
export const canSucceed = ({ remedy }: Pick<ParkedMessage, 'remedy'>): boolean => remedy === 'retry';

/** Counts for a summary of what was done, or would be, to each. */
export function outcomeOf(rows: readonly BulkRow[]): BulkOutcome {
  const count = (wanted: BulkRow['outcome']): number =>
    rows.filter(({ outcome }) => outcome === wanted).length;
  return { done: count('done'), unchanged: count('unchanged'), refused: count('refused'), rows };
}

/** What a retry of each would do, before anything is done. */
export const planOf = (messages: readonly ParkedMessage[], hopeless: string): BulkRow[] =>
  messages.map((message) => ({
    key: message.id,
    name: nameOf(message),
    ...(canSucceed(message)
      ? { outcome: 'done' as const, detail: message.detail }
      : { outcome: 'unchanged' as const, detail: hopeless }),
  }));
