import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { addressed, oneOf, text, yesNo } from '../../data/search.ts';
import { root } from '../../root.tsx';
import { catalogueTabs, mappingStates } from './catalogue-values.ts';

const page = createRoute({
  getParentRoute: () => root,
  path: '/catalogue',
  validateSearch: addressed({
    tab: oneOf(...catalogueTabs),
    q: text,
    state: oneOf(...mappingStates),
    withdrawn: yesNo,
    drawer: oneOf('decide', 'sure', 'import', 'prices'),
    part: text,
    product: text,
  }),
  component: lazyRouteComponent(() => import('./catalogue-page.tsx'), 'CataloguePage'),
});

export const catalogueRoutes = [page] as const;
