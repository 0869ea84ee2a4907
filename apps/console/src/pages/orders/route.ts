import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, day, oneOf, text, yesNo } from '../../data/search.ts';
import { root } from '../../root.tsx';
import { orderKinds, orderSources, orderTabs, waitCauses } from './order-filters.ts';

const list = createRoute({
  getParentRoute: () => root,
  path: '/orders',
  validateSearch: addressed({
    tab: oneOf(...orderTabs),
    q: text,
    kind: oneOf(...orderKinds),
    source: oneOf(...orderSources),
    waitingFor: oneOf(...waitCauses),
    from: day,
    to: day,
    account: text,
    subscription: text,
  }),
  component: lazyRouteComponent(() => import('./orders-page.tsx'), 'OrdersPage'),
});

const one = createRoute({
  getParentRoute: () => root,
  path: '/orders/$id',
  validateSearch: addressed({
    drawer: oneOf('resolve', 'decline', 'withdraw', 'retry', 'approve'),
    failed: yesNo,
  }),
  component: lazyRouteComponent(() => import('./order-page.tsx'), 'OrderPage'),
});

export const ordersRoutes = [list, one] as const;
