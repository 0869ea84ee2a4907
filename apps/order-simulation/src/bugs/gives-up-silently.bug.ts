import type { Bug } from './bug.ts';
import { withRules } from './bug.ts';

export const givesUpSilently: Bug = {
  name: 'gives-up-silently',
  mistake: 'An order that CMP takes days over is no longer looked after, and nobody is told.',
  world: (right) =>
    withRules(right, {
      nextStep: (order, now, retryPolicy) =>
        order.status === 'accepted' && now - order.askedAt > 86_400_000
          ? 'rest'
          : right.rules.nextStep(order, now, retryPolicy),
    }),
};
