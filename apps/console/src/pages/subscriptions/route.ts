import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, day, oneOf, text } from '../../data/search.ts';
import { root } from '../../root.tsx';
import { subscriptionTabs } from './subscription-values.ts';

const list = createRoute({
  getParentRoute: () => root,
  path: '/subscriptions',
  validateSearch: addressed({
    tab: oneOf(...subscriptionTabs),
    q: text,
    status: text,
    from: day,
    to: day,
    sort: oneOf('name', 'renewalDate'),
    account: text,
    contract: text,
    drawer: oneOf('assign'),
  }),
  component: lazyRouteComponent(() => import('./subscriptions-page.tsx'), 'SubscriptionsPage'),
});

const one = createRoute({
  getParentRoute: () => root,
  path: '/subscriptions/$id',
  validateSearch: addressed({
    drawer: oneOf('seats', 'cancel', 'renew', 'schedule', 'edit', 'edit-change', 'end-change'),
    /** Of a scheduled change that a drawer is about. */
    change: text,
    /** Of a subscription with several: the line whose options are shown. */
    line: text,
  }),
  component: lazyRouteComponent(() => import('./subscription-page.tsx'), 'SubscriptionPage'),
});

export const subscriptionsRoutes = [list, one] as const;
