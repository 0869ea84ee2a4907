import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const renewalMistaken: Bug = {
  name: 'renewal-mistaken',
  mistake: 'The number alone is taken for proof, although automatic renewals copy it.',
  world: (right) => ({
    ...withRules(right, {
      likeness: (order, found) => (found.poNumber === order.marker ? { is: 'ours' } : { is: 'other' }),
    }),
    // What filtered the list by type is part of the same mistake.
    cmp: {
      ...right.cmp,
      orders: {
        ...right.cmp.orders,
        page: async (query, options) => {
          const page = await right.cmp.orders.page(query, options);
          const untyped = page.records.map((record) =>
            record.ok ? { ...record, value: { ...record.value, type: 'unknown' as const } } : record,
          );
          return { ...page, records: untyped };
        },
      },
    },
  }),
};
