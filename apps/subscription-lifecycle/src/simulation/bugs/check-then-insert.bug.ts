import type { Bug } from './bug.ts';

export const checkThenInsert: Bug = {
  name: 'check-then-insert',
  mistake: 'Whether a command was given before is looked up first, and the order inserted later.',
  world(right, store) {
    store.accept = async (key, ask) => {
      for (const row of store.rows.values()) if (row.key === key) return row.order.id;
      await right.clock.sleep(1);
      return store.insert(key, ask);
    };
    return right;
  },
};
