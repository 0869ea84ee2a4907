import { evidenceOfFailedSending } from '@isthmus/subscription-lifecycle/ordering/failure-evidence.ts';
import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const conflictIsRefusal: Bug = {
  name: 'conflict-is-refusal',
  mistake: 'Our own first order, still under way, makes the second attempt look refused.',
  world: (right) =>
    withRules(right, {
      patience: { ...right.rules.patience, resendFloor: 10 * 60_000, resendFactor: 0 },
      evidenceOfFailedSending(error) {
        const evidence = evidenceOfFailedSending(error);
        return evidence.saw === 'conflict' ? { saw: 'refused-by-cmp', reason: evidence.reason } : evidence;
      },
    }),
};
