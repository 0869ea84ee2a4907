import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, oneOf, text } from '../../data/search.ts';
import { root } from '../../root.tsx';
import { balances, invoicesTabs, invoiceTabs, lineKinds, reportStatuses } from './invoice-values.ts';

const list = createRoute({
  getParentRoute: () => root,
  path: '/invoices',
  validateSearch: addressed({
    tab: oneOf(...invoicesTabs),
    balance: oneOf(...balances),
    kind: oneOf(...lineKinds),
    status: oneOf(...reportStatuses),
    drawer: oneOf('decide'),
    line: text,
  }),
  component: lazyRouteComponent(() => import('./invoices-page.tsx'), 'InvoicesPage'),
});

const one = createRoute({
  getParentRoute: () => root,
  path: '/invoices/$id',
  validateSearch: addressed({
    tab: oneOf(...invoiceTabs),
    kind: oneOf(...lineKinds),
    drawer: oneOf('decide'),
    line: text,
  }),
  component: lazyRouteComponent(() => import('./invoice-page.tsx'), 'InvoicePage'),
});

export const invoicesRoutes = [list, one] as const;
