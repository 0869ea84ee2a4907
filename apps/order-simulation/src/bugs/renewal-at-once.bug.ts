import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const renewalAtOnce: Bug = {
  name: 'renewal-at-once',
  mistake: 'A change that was asked for at the renewal is ordered to be made at once.',
  world: (right) =>
    withRules(right, {
      orderRequest: (ask, marker) =>
        right.rules.orderRequest(ask.kind === 'change-quantity' ? { ...ask, when: 'now' } : ask, marker),
    }),
};
