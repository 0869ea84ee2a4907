import { observe } from '@isthmus/subscription-lifecycle/subscriptions/rules/observe.ts';
import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const windowFromReading: Bug = {
  name: 'window-from-reading',
  mistake: 'Seats that no order explains count as added when they were read first.',
  world: (right) =>
    withEvents(right, {
      observe(before, news, orders = []) {
        const seen = observe(before, news, orders);
        const more = (seen?.state.lines?.[0]?.seats ?? 0) - (before?.lines?.[0]?.seats ?? 0);
        if (!before || more <= 0) return seen;
        const lines = [{ mpn: news.lines?.[0]?.mpn ?? '', seats: more }];
        const order = {
          id: '?',
          number: '?',
          type: 'change' as const,
          createdAt: news.asOf,
          doneAt: news.asOf,
        };
        return observe(before, news, [...orders, { ...order, lines }]);
      },
    }),
};
