import { outcomeOfFailedSend } from '@isthmus/subscription-lifecycle/orders/protocol/failed-calls.ts';
import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const conflictIsRefusal: Bug = {
  name: 'conflict-is-refusal',
  mistake: 'Our own first order, still under way, makes the second attempt look refused.',
  world: (right) =>
    withRules(right, {
      retryPolicy: { ...right.rules.retryPolicy, resendFloor: 10 * 60_000, resendFactor: 0 },
      outcomeOfFailedSend(error) {
        const evidence = outcomeOfFailedSend(error);
        return evidence.observed === 'conflict'
          ? { observed: 'refused-by-cmp', reason: evidence.reason }
          : evidence;
      },
    }),
};
