import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, oneOf, text } from '../../data/search.ts';
import { root } from '../../root.tsx';

export const accountTabs = ['all', 'unlinked', 'no-contract', 'domain-missing', 'domain-conflict'] as const;

const list = createRoute({
  getParentRoute: () => root,
  path: '/accounts',
  validateSearch: addressed({
    tab: oneOf(...accountTabs),
    q: text,
    sync: oneOf('on', 'off'),
    ended: oneOf('include', 'only'),
    drawer: oneOf('link', 'domain', 'link-many'),
    account: text,
  }),
  component: lazyRouteComponent(() => import('./accounts-page.tsx'), 'AccountsPage'),
});

export const accountsRoutes = [list] as const;
