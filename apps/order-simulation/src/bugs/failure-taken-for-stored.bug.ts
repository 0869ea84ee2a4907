import { StoreFailed } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import type { Bug } from './bug.ts';

export const failureTakenForStored: Bug = {
  name: 'failure-taken-for-stored',
  mistake: 'A worker goes on as if an order were stored whose storing failed.',
  world: (right) => ({
    ...right,
    held: {
      ...right.held,
      save: (held, next, more) =>
        right.held.save(held, next, more).catch((error: unknown) => {
          if (!(error instanceof StoreFailed)) throw error;
          return { ...held, order: next, version: held.version + 1 };
        }),
    },
  }),
};
