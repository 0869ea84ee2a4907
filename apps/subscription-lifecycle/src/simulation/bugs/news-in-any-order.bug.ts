import { observe } from '../../subscriptions/rules/observe.ts';
import { type Bug, withEvents } from './bug.ts';

export const newsInAnyOrder: Bug = {
  name: 'news-in-any-order',
  mistake: 'News of a subscription are applied in the order in which they arrive.',
  world: (right) =>
    withEvents(right, {
      observe: (before, news, orders) => observe(before && { ...before, providerVersion: 0 }, news, orders),
    }),
};
