import { move } from '@isthmus/subscription-lifecycle/domain/order/move.ts';
import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const takeoverSendsAgain: Bug = {
  name: 'takeover-sends-again',
  mistake: 'An order whose worker died while sending is believed not to have been sent.',
  world: (right) =>
    withRules(right, {
      takeOver: (order, now) => move(order, 'put-back', now, { attempts: 0, checkedAt: null }),
    }),
};
