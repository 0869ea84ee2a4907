import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, day, oneOf, text } from '../../data/search.ts';
import { root } from '../../root.tsx';
import { deliveryStatuses, endpointDrawers } from './endpoint-values.ts';

const list = createRoute({
  getParentRoute: () => root,
  path: '/developers/webhooks',
  validateSearch: addressed({ drawer: oneOf('create', ...endpointDrawers), id: text }),
  component: lazyRouteComponent(() => import('./webhooks-page.tsx'), 'WebhooksPage'),
});

const one = createRoute({
  getParentRoute: () => root,
  path: '/developers/webhooks/$id',
  validateSearch: addressed({
    status: oneOf(...deliveryStatuses),
    type: text,
    since: day,
    drawer: oneOf('delivery', 'resend', 'recover', 'replay', ...endpointDrawers),
    delivery: text,
  }),
  component: lazyRouteComponent(() => import('./webhook-page.tsx'), 'WebhookPage'),
});

export const webhooksRoutes = [list, one] as const;
