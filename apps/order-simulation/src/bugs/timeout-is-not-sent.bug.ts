import { evidenceOfFailedSending } from '@isthmus/subscription-lifecycle/ordering/failure-evidence.ts';
import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const timeoutIsNotSent: Bug = {
  name: 'timeout-is-not-sent',
  mistake: 'A connection that broke is taken for a request that never arrived.',
  world: (right) =>
    withRules(right, {
      evidenceOfFailedSending(error) {
        const evidence = evidenceOfFailedSending(error);
        return evidence.saw === 'no-answer' && evidence.words === null
          ? { saw: 'not-sent', reason: evidence.reason, retryAfter: null }
          : evidence;
      },
    }),
};
