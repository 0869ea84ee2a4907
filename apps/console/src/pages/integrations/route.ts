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

/** The hub begins with what is connected. */
const toIntegrations = (): void => {
  redirect({ to: '/admin/hub/integrations', throw: true });
};
const hub = createRoute({ getParentRoute: () => root, path: '/admin/hub', beforeLoad: toIntegrations });

export const integrationsRoutes = [hub, integrations] as const;
