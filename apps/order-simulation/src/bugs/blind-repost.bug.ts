import type { Bug } from './bug.ts';

export const blindRepost: Bug = {
  name: 'blind-repost',
  mistake: 'A POST that failed is sent again at once, as one would a GET.',
  world: (right) => ({
    ...right,
    cmp: {
      ...right.cmp,
      orders: {
        ...right.cmp.orders,
        place: (request, options) =>
          right.cmp.orders.place(request, options).catch(() => right.cmp.orders.place(request, options)),
      },
    },
  }),
};
