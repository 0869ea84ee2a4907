import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const transferSendsAgain: Bug = {
  name: 'transfer-sends-again',
  mistake: 'An order that may be at CMP is planned anew for the customer that its subscription moved to.',
  world: (right) =>
    withEvents(right, {
      stopForTransfer(order, { from, to }, now) {
        if (order.attempts === 0) return right.events.stopForTransfer(order, { from, to }, now);
        const unsent = {
          attempts: 0,
          firstSentAt: null,
          lastSentAt: null,
          checkedAt: null,
          cmpOrderId: null,
        };
        const ask = { ...order.ask, cmpAccountId: to };
        return {
          ...order,
          ...unsent,
          ask,
          status: 'planned',
          acceptedAt: null,
          completedAt: null,
          nextStepAt: now,
        };
      },
    }),
};
