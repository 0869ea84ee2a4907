import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, day, oneOf, text } from '../../data/search.ts';
import { root } from '../../root.tsx';
import { results, tabs, writeKinds, writeStatuses } from './work365-filters.ts';

const page = createRoute({
  getParentRoute: () => root,
  path: '/developers/work365',
  validateSearch: addressed({
    tab: oneOf(...tabs),
    result: oneOf(...results),
    /** Of an API key. */
    key: text,
    /** A correlation id. */
    q: text,
    kind: oneOf(...writeKinds),
    status: oneOf(...writeStatuses),
    from: day,
    to: day,
    drawer: oneOf('key'),
  }),
  component: lazyRouteComponent(() => import('./work365-page.tsx'), 'Work365Page'),
});

export const work365Routes = [page] as const;
