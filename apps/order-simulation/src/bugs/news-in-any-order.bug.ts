import { observe } from '@isthmus/subscription-lifecycle/subscriptions/rules/observe.ts';
import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const newsInAnyOrder: Bug = {
  name: 'news-in-any-order',
  mistake: 'News of a subscription are applied in the order in which they arrive.',
  world: (right) =>
    withEvents(right, {
      observe: (before, news, orders) => observe(before && { ...before, providerVersion: 0 }, news, orders),
    }),
};
