import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const windowFromCompletion: Bug = {
  name: 'window-from-completion',
  mistake: 'The window of added seats is counted from when the order was seen to be completed.',
  world: (right) => {
    const late: typeof right.events.explain = (state, orders) =>
      right.events.explain(
        state,
        orders.map((order) => ({ ...order, createdAt: order.doneAt })),
      );
    return withEvents(right, { explain: late });
  },
};
