import { observe } from '../../domain/subscription/observe.ts';
import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const windowFromList: Bug = {
  name: 'window-from-list',
  mistake: 'A list, which has no quantities, is taken for a reading of the seats.',
  world: (right) =>
    withEvents(right, {
      observe(before, news, changedAt) {
        const seen = observe(before, news, changedAt);
        return seen && { ...seen, state: { ...seen.state, linesAsOf: news.asOf } };
      },
    }),
};
