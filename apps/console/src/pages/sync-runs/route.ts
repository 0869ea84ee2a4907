import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, oneOf } from '../../data/search.ts';
import { root } from '../../root.tsx';

export const runKinds = ['account', 'catalog'] as const;
export const runStatuses = [
  'queued',
  'running',
  'awaiting-approval',
  'succeeded',
  'failed',
  'cancelled',
] as const;

const list = createRoute({
  getParentRoute: () => root,
  path: '/sync-runs',
  validateSearch: addressed({
    kind: oneOf(...runKinds),
    status: oneOf(...runStatuses),
    scope: oneOf('accounts', 'subscriptions', 'orders', 'reports'),
    trigger: oneOf('person', 'schedule', 'event'),
    drawer: oneOf('start'),
  }),
  component: lazyRouteComponent(() => import('./sync-runs-page.tsx'), 'SyncRunsPage'),
});

const one = createRoute({
  getParentRoute: () => root,
  path: '/sync-runs/$kind/$id',
  validateSearch: addressed({ result: oneOf('appeared', 'changed', 'ended', 'set-aside', 'failed') }),
  component: lazyRouteComponent(() => import('./sync-run-page.tsx'), 'SyncRunPage'),
});

export const syncRunsRoutes = [list, one] as const;
