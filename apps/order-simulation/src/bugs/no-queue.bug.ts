import type { Bug } from './bug.ts';

export const noQueue: Bug = {
  name: 'no-queue',
  mistake: 'Orders of one subscription are worked on at the same time.',
  world(right, store) {
    store.isHead = () => true;
    return right;
  },
};
