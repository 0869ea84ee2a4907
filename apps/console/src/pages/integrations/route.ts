import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { addressed, oneOf, text } from '../../data/search.ts';
import { root } from '../../root.tsx';

const integrations = createRoute({
  getParentRoute: () => root,
  path: '/admin/hub/integrations',
  validateSearch: addressed({
    drawer: oneOf('create', 'edit', 'verify', 'remove', 'pause'),
    id: text,
    /** The row that something was just done to. */
    marked: text,
  }),
  component: lazyRouteComponent(() => import('./integrations-page.tsx'), 'IntegrationsPage'),
});

/** Until there is a Home page, people begin where the platform is connected. */
const toIntegrations = (): void => {
  redirect({ to: '/admin/hub/integrations', throw: true });
};
const home = createRoute({ getParentRoute: () => root, path: '/', beforeLoad: toIntegrations });
const hub = createRoute({ getParentRoute: () => root, path: '/admin/hub', beforeLoad: toIntegrations });

export const integrationsRoutes = [home, hub, integrations] as const;
