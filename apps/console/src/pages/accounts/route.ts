import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, oneOf, text } from '../../data/search.ts';
import { contractDrawers } from '../../parts/contract/contract-values.ts';
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
    drawer: oneOf('link', 'domain', 'link-many', 'import', 'make-contract'),
    account: text,
    /** Runs that were started here. */
    runs: text,
  }),
  component: lazyRouteComponent(() => import('./accounts-page.tsx'), 'AccountsPage'),
});

const one = createRoute({
  getParentRoute: () => root,
  path: '/accounts/$id',
  validateSearch: addressed({
    drawer: oneOf('link', 'unlink', 'domain', ...contractDrawers),
    /** Of a drawer that is about one of its contracts. */
    contract: text,
    runs: text,
  }),
  component: lazyRouteComponent(() => import('./account-page.tsx'), 'AccountPage'),
});

export const accountsRoutes = [list, one] as const;
