import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, oneOf } from '../../data/search.ts';
import { root } from '../../root.tsx';
import { renewalTabs } from './renewal-values.ts';

const page = createRoute({
  getParentRoute: () => root,
  path: '/renewals',
  validateSearch: addressed({
    tab: oneOf(...renewalTabs),
    renew: oneOf('on', 'off'),
    drawer: oneOf('renew-on', 'renew-off'),
  }),
  component: lazyRouteComponent(() => import('./renewals-page.tsx'), 'RenewalsPage'),
});

export const renewalsRoutes = [page] as const;
