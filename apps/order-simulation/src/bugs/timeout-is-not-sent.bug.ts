import { outcomeOfFailedSend } from '@isthmus/subscription-lifecycle/orders/protocol/failed-calls.ts';
import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const timeoutIsNotSent: Bug = {
  name: 'timeout-is-not-sent',
  mistake: 'A connection that broke is taken for a request that never arrived.',
  world: (right) =>
    withRules(right, {
      outcomeOfFailedSend(error) {
        const evidence = outcomeOfFailedSend(error);
        return evidence.observed === 'no-answer' && evidence.words === null
          ? { observed: 'not-sent', reason: evidence.reason, retryAfter: null }
          : evidence;
      },
    }),
};
