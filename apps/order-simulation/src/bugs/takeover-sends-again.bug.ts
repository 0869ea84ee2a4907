import { transition } from '@isthmus/subscription-lifecycle/orders/order.ts';
import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const takeoverSendsAgain: Bug = {
  name: 'takeover-sends-again',
  mistake: 'An order whose worker died while sending is believed not to have been sent.',
  world: (right) =>
    withRules(right, {
      takeOver: (order, now) => transition(order, 'put-back', now, { attempts: 0, checkedAt: null }),
    }),
};
