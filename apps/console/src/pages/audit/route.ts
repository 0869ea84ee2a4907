import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, day, oneOf, text } from '../../data/search.ts';
import { root } from '../../root.tsx';
import { auditServices } from './audit-filters.ts';

const page = createRoute({
  getParentRoute: () => root,
  path: '/admin/hub/audit',
  validateSearch: addressed({
    /** Who. */
    by: text,
    action: text,
    type: text,
    /** Of the thing. */
    thing: text,
    service: oneOf(...auditServices),
    from: day,
    to: day,
    /** Of the entry in the drawer, `<service> <sequence>`. */
    entry: text,
  }),
  component: lazyRouteComponent(() => import('./audit-page.tsx'), 'AuditPage'),
});

export const auditRoutes = [page] as const;
