import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const oddPageLeftOut: Bug = {
  name: 'odd-page-left-out',
  mistake: 'A page with a record that cannot be read is left out as a whole.',
  world: (right) =>
    withEvents(right, {
      readable: (records) => (records.every(({ ok }) => ok) ? right.events.readable(records) : []),
    }),
};
