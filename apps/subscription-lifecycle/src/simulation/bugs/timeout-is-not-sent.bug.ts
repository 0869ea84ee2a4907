import { outcomeOfFailedSend } from '../../orders/protocol/failed-calls.ts';
import { type Bug, withRules } from './bug.ts';

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
