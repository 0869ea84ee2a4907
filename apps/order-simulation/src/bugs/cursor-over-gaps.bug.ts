import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const cursorOverGaps: Bug = {
  name: 'cursor-over-gaps',
  mistake: 'A tick whose list lost rows moves its cursor past them.',
  world: (right) => withEvents(right, { cursorAfter: ({ newest }) => newest }),
};
