import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const ackBeforeCommit: Bug = {
  name: 'ack-before-commit',
  mistake: 'A message is acknowledged when it is taken in hand, not when its effect is committed.',
  world: (right) => withEvents(right, { acknowledges: 'before-commit' }),
};
