import { createRouter } from '@tanstack/react-router';
import { readAddress, writeAddress } from '../data/search.ts';
import { accountsRoutes } from './accounts/route.ts';
import { auditRoutes } from './audit/route.ts';
import { buyRoutes } from './buy/route.ts';
import { catalogueRoutes } from './catalogue/route.ts';
import { connectorRoutes } from './connector/route.ts';
import { contractsRoutes } from './contracts/route.ts';
import { eventsRoutes } from './events/route.ts';
import { homeRoutes } from './home/route.ts';
import { integrationsRoutes } from './integrations/route.ts';
import { invoicesRoutes } from './invoices/route.ts';
import { issuesRoutes } from './issues/route.ts';
import { ordersRoutes } from './orders/route.ts';
import { renewalsRoutes } from './renewals/route.ts';
import { subscriptionsRoutes } from './subscriptions/route.ts';
import { syncRunsRoutes } from './sync-runs/route.ts';
import { webhooksRoutes } from './webhooks/route.ts';
import { work365Routes } from './work365/route.ts';
import { root } from '../root.tsx';
import { PageFailed } from '../shell/not-found.tsx';

/** One line for each page; see its route.ts. */
const tree = root.addChildren([
  ...accountsRoutes,
  ...auditRoutes,
  ...buyRoutes,
  ...catalogueRoutes,
  ...connectorRoutes,
  ...contractsRoutes,
  ...eventsRoutes,
  ...homeRoutes,
  ...integrationsRoutes,
  ...invoicesRoutes,
  ...issuesRoutes,
  ...ordersRoutes,
  ...renewalsRoutes,
  ...subscriptionsRoutes,
  ...syncRunsRoutes,
  ...webhooksRoutes,
  ...work365Routes,
]);

export const router = createRouter({
  routeTree: tree,
  parseSearch: readAddress,
  stringifySearch: writeAddress,
  defaultPreload: 'intent',
  defaultErrorComponent: PageFailed,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
