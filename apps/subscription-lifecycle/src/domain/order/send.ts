import { move } from './move.ts';
import type { OrderRecord } from './order-record.ts';

/** The order as it must be stored before its POST leaves us: from here on it may be at CMP. */
export const beginSending = (order: OrderRecord, now: number): OrderRecord =>
  move(order, 'send', now, {
    attempts: order.attempts + 1,
    firstSentAt: order.firstSentAt ?? now,
    lastSentAt: now,
    absentLooks: 0,
    lastAbsentAt: null,
    // What CMP said of an earlier attempt says nothing of this one.
    doubtfulRefusal: null,
    clearRefusal: false,
    refusalAt: null,
    idleSteps: order.idleSteps,
  });

/** What a worker makes of an order that another one was sending: nobody can say how far that one came. */
export const takeOver = (order: OrderRecord, now: number): OrderRecord => move(order, 'lose-track', now);
