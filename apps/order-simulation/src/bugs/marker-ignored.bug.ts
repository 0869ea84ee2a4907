import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const markerIgnored: Bug = {
  name: 'marker-ignored',
  mistake: 'An order of the same customer, product and quantity is adopted, whoever placed it.',
  world: (right) =>
    withRules(right, {
      likeness: (order, found, skew) =>
        right.rules.likeness(order, { ...found, poNumber: order.marker }, skew),
    }),
};
