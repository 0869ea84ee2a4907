import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, day, oneOf, text } from '../../data/search.ts';
import { root } from '../../root.tsx';

const list = createRoute({
  getParentRoute: () => root,
  path: '/developers/events',
  validateSearch: addressed({
    type: text,
    subject: text,
    correlation: text,
    from: day,
    to: day,
    drawer: oneOf('event', 'replay', 'type'),
    id: text,
  }),
  component: lazyRouteComponent(() => import('./events-page.tsx'), 'EventsPage'),
});

export const eventsRoutes = [list] as const;
