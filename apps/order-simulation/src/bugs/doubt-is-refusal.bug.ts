import { outcomeOfFailedSend } from '@isthmus/subscription-lifecycle/orders/protocol/failed-calls.ts';
import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const doubtIsRefusal: Bug = {
  name: 'doubt-is-refusal',
  mistake: 'Any answer of CMP with an error in it is taken for a refusal.',
  world: (right) =>
    withRules(right, {
      outcomeOfFailedSend(error) {
        const evidence = outcomeOfFailedSend(error);
        const answered = typeof (error as { httpStatus?: unknown }).httpStatus === 'number';
        return evidence.observed === 'no-answer' && answered
          ? { observed: 'refused-by-cmp', reason: evidence.reason }
          : evidence;
      },
    }),
};
