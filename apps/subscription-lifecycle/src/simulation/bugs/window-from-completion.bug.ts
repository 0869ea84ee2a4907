import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const windowFromCompletion: Bug = {
  name: 'window-from-completion',
  mistake: 'The window of added seats is counted from when we saw the order completed.',
  world: (right) =>
    withEvents(right, {
      changedByOrder: (order, seen) =>
        right.events.changedByOrder(order, seen) && { changedAt: order.completedAt ?? seen.asOf },
    }),
};
