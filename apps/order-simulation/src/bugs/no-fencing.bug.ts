import type { Bug } from './bug.ts';

export const noFencing: Bug = {
  name: 'no-fencing',
  mistake: 'A worker writes without looking whether the order is still its own.',
  world: (right, store) => ({
    ...right,
    held: {
      ...right.held,
      save: (held, next, { shownAfter = 0 } = {}) =>
        right.database(async () => store.write(store.rows.get(held.order.id)!, next, shownAfter)),
    },
  }),
};
