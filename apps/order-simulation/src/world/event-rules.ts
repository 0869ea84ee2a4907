import type { ReadRecord } from '@isthmus/cmp-client';
import { type Message, once, ackDecisionFor } from '@isthmus/messaging';
import { entriesOf } from '@isthmus/rest-provider/subscriptions/entries.ts';
import { canBeReported } from '@isthmus/rest-provider/subscriptions/known-subscription.ts';
import { toSubscription } from '@isthmus/rest-provider/subscriptions/subscriptions.dto.ts';
import { stopForTransfer } from '@isthmus/subscription-lifecycle/orders/protocol/order-policy.ts';
import { knownFromOwnOrder } from '@isthmus/subscription-lifecycle/subscriptions/rules/terms.ts';
import { explain, observe, observeEnd } from '@isthmus/subscription-lifecycle/subscriptions/rules/observe.ts';
import { cursorAfter } from '@isthmus/sync-engine';

/** Every decision on the way from CMP to the mirror, and from one service to another. The audit swaps one at a time for a wrong one. */
export const eventRules = {
  once,
  ackDecisionFor,
  isOlder: (message: Message, known: number | undefined): boolean => message.isOlderThan(known),
  observe,
  observeEnd,
  explain,
  knownFromOwnOrder,
  /** Whom a subscription belongs to, when CMP lists it under this customer. */
  ownerAfter: (_known: string | undefined, listed: string): string => listed,
  stopForTransfer,
  cursorAfter,
  /** Of a page, what can be read. */
  readable: <T>(records: readonly ReadRecord<T>[]): T[] =>
    records.flatMap((record) => (record.ok ? [record.value] : [])),
  /** The ids that a page shows to be there; undefined where the id cannot be read. */
  listed: (records: readonly ReadRecord<unknown>[]): (string | undefined)[] => records.map(({ id }) => id),
  /** Which lines of a subscription Work 365 is given, under which ids. */
  entriesOf,
  canBeReported,
  toSubscription,
  /** When the cursor of a reading is moved. */
  cursorMoves: 'last' as 'first' | 'last',
  /** When the relay stores how far it has come. */
  relaySaves: 'after-publishing' as 'after-publishing' | 'before-publishing',
  /** When a consumer acknowledges. */
  acknowledges: 'after-commit' as 'after-commit' | 'before-commit',
};

export type EventRules = typeof eventRules;
