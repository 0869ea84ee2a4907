import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, oneOf, text } from '../../data/search.ts';
import { contractDrawers } from '../../parts/contract/contract-values.ts';
import { root } from '../../root.tsx';

export const contractTabs = ['current', 'default-unclear', 'ended'] as const;
/** Which subscriptions the page of a contract shows. */
export const subscriptionViews = ['assigned', 'unassigned', 'all'] as const;

const list = createRoute({
  getParentRoute: () => root,
  path: '/contracts',
  validateSearch: addressed({
    tab: oneOf(...contractTabs),
    q: text,
    drawer: oneOf(...contractDrawers, 'assign'),
    /** Of a drawer: the contract it is about, or the Work 365 account of a new one. */
    contract: text,
    tenant: text,
    /** Runs that were started here. */
    runs: text,
  }),
  component: lazyRouteComponent(() => import('./contracts-page.tsx'), 'ContractsPage'),
});

const one = createRoute({
  getParentRoute: () => root,
  path: '/contracts/$id',
  validateSearch: addressed({
    drawer: oneOf(...contractDrawers, 'assign'),
    view: oneOf(...subscriptionViews),
    /** Whose subscriptions, where the contract bills several accounts. */
    account: text,
    runs: text,
  }),
  component: lazyRouteComponent(() => import('./contract-page.tsx'), 'ContractPage'),
});

export const contractsRoutes = [list, one] as const;
