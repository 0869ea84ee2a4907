import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, oneOf, text } from '../../data/search.ts';
import { root } from '../../root.tsx';

const page = createRoute({
  getParentRoute: () => root,
  path: '/buy',
  validateSearch: addressed({
    /** Of the customer, as it is known here. */
    account: text,
    /** Part number, with the period and term that tell products of one number apart. */
    part: text,
    period: text,
    term: text,
    q: text,
    p: text,
    drawer: oneOf('quote'),
  }),
  component: lazyRouteComponent(() => import('./buy-page.tsx'), 'BuyPage'),
});

export const buyRoutes = [page] as const;
