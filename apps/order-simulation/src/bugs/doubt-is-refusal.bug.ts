import { evidenceOfFailedSending } from '@isthmus/subscription-lifecycle/ordering/failure-evidence.ts';
import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const doubtIsRefusal: Bug = {
  name: 'doubt-is-refusal',
  mistake: 'Any answer of CMP with an error in it is taken for a refusal.',
  world: (right) =>
    withRules(right, {
      evidenceOfFailedSending(error) {
        const evidence = evidenceOfFailedSending(error);
        const answered = typeof (error as { httpStatus?: unknown }).httpStatus === 'number';
        return evidence.saw === 'no-answer' && answered
          ? { saw: 'refused-by-cmp', reason: evidence.reason }
          : evidence;
      },
    }),
};
