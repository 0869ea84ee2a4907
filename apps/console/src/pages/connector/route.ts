import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, oneOf } from '../../data/search.ts';
import { root } from '../../root.tsx';
import { connectorTabs, timelineKinds } from './connector-view.ts';

const connector = createRoute({
  getParentRoute: () => root,
  path: '/admin/hub/integrations/$id',
  validateSearch: addressed({
    tab: oneOf(...connectorTabs),
    /** Of the timeline: only what was done, or only runs. */
    only: oneOf(...timelineKinds),
    drawer: oneOf('edit', 'pause', 'remove', 'issue'),
  }),
  component: lazyRouteComponent(() => import('./connector-page.tsx'), 'ConnectorPage'),
});

export const connectorRoutes = [connector] as const;
