import { evidenceOfFailedSending } from '@isthmus/subscription-lifecycle/ordering/failure-evidence.ts';
import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const clearWordsAreProof: Bug = {
  name: 'clear-words-are-proof',
  mistake: 'A refusal in clear words is believed although CMP may have taken the order before it failed.',
  world: (right) =>
    withRules(right, {
      evidenceOfFailedSending(error) {
        const evidence = evidenceOfFailedSending(error);
        return evidence.saw === 'no-answer' && evidence.clear
          ? { saw: 'refused-by-cmp', reason: evidence.reason }
          : evidence;
      },
    }),
};
