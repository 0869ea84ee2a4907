import { once, settlementOf, type Message } from '@isthmus/messaging';

/** Every decision on the way of an event. The audit swaps one at a time for a wrong one. */
export const eventRules = {
  once,
  settlementOf,
  isOlder: (message: Message, known: number | undefined): boolean => message.isOlderThan(known),
  /** When the relay stores how far it has come. */
  relaySaves: 'after-publishing' as 'after-publishing' | 'before-publishing',
  /** When a hearer tells the broker that it is done. */
  acknowledges: 'after-commit' as 'after-commit' | 'before-commit',
};

export type EventRules = typeof eventRules;
