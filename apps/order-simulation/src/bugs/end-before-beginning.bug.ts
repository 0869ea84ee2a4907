import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const endBeforeBeginning: Bug = {
  name: 'end-before-beginning',
  mistake: 'The end of a subscription that is not known yet is ignored.',
  world: (right) =>
    withEvents(right, {
      observeEnd: (id, before, news) => before && right.events.observeEnd(id, before, news),
    }),
};
