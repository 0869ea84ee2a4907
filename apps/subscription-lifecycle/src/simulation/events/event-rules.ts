import { knownFromOwnOrder } from '../../subscriptions/rules/known-order.ts';
import { explain, observe, observeEnd } from '../../subscriptions/rules/observe.ts';
import { stopForTransfer } from '../../orders/protocol/order-policy.ts';
import { cursorAfter } from '@isthmus/sync-engine';
import { once, settlementOf, type Message } from '@isthmus/messaging';

/** Every decision on the way from CMP to the mirror, and from one service to another. The audit swaps one at a time for a wrong one. */
export const eventRules = {
  once,
  settlementOf,
  isOlder: (message: Message, known: number | undefined): boolean => message.isOlderThan(known),
  observe,
  observeEnd,
  explain,
  knownFromOwnOrder,
  /** Whom a subscription belongs to, when CMP lists it under this customer. */
  ownerAfter: (_known: string | undefined, listed: string): string => listed,
  stopForTransfer,
  cursorAfter,
  /** When the cursor of a reading is moved. */
  cursorMoves: 'last' as 'first' | 'last',
  /** When the relay stores how far it has come. */
  relaySaves: 'after-publishing' as 'after-publishing' | 'before-publishing',
  /** When a hearer tells the broker that it is done. */
  acknowledges: 'after-commit' as 'after-commit' | 'before-commit',
};

export type EventRules = typeof eventRules;
