import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const olderVersionApplied: Bug = {
  name: 'older-version-applied',
  mistake: 'Events are applied in the order in which they arrive.',
  world: (right) => withEvents(right, { isOlder: () => false }),
};
