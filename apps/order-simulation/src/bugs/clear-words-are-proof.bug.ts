import { outcomeOfFailedSend } from '@isthmus/subscription-lifecycle/orders/protocol/failed-calls.ts';
import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const clearWordsAreProof: Bug = {
  name: 'clear-words-are-proof',
  mistake: 'A refusal in clear words is believed although CMP may have taken the order before it failed.',
  world: (right) =>
    withRules(right, {
      outcomeOfFailedSend(error) {
        const evidence = outcomeOfFailedSend(error);
        return evidence.observed === 'no-answer' && evidence.clear
          ? { observed: 'refused-by-cmp', reason: evidence.reason }
          : evidence;
      },
    }),
};
