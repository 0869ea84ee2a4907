import type { Bug } from './bug.ts';

export const saidBeforeStored: Bug = {
  name: 'said-before-stored',
  mistake: 'What becomes of an order is said before it is stored, outside the transaction.',
  world(right, store) {
    const { tell } = store;
    const save = store.save.bind(store);
    store.save = (held, next, more) => {
      tell(held.order, next, held.version + 1);
      store.tell = () => undefined;
      try {
        return save(held, next, more);
      } finally {
        store.tell = tell;
      }
    };
    return right;
  },
};
