import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, oneOf, text } from '../../data/search.ts';
import { root } from '../../root.tsx';
import { services } from './parked-message.ts';

const list = createRoute({
  getParentRoute: () => root,
  path: '/issues',
  validateSearch: addressed({ service: oneOf(...services), drawer: oneOf('drop', 'retry'), id: text }),
  component: lazyRouteComponent(() => import('./issues-page.tsx'), 'IssuesPage'),
});

export const issuesRoutes = [list] as const;
