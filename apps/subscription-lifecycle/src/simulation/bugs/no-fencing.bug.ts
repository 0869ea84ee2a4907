import type { Bug } from './bug.ts';

export const noFencing: Bug = {
  name: 'no-fencing',
  mistake: 'A worker writes without looking whether the order is still its own.',
  world: (right, store) => ({
    ...right,
    store: {
      claimDue: (worker) => store.claimDue(worker),
      release: (held) => store.release(held),
      noteLateAnswer: (id, answer) => store.noteLateAnswer(id, answer),
      nextDueAt: () => store.nextDueAt(),
      get changed() {
        return store.changed;
      },
      save: async (held, next, { shownAfter = 0 } = {}) =>
        store.write(store.rows.get(held.order.id)!, next, shownAfter),
    },
  }),
};
