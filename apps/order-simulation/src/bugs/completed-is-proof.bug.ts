import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const completedIsProof: Bug = {
  name: 'completed-is-proof',
  mistake: 'CMP says completed, and nobody reads the subscription again.',
  world: (right) => withRules(right, { missingEffect: () => null }),
};
