import { createRootRoute, retainSearchParams } from '@tanstack/react-router';
import { addressed, text } from './data/search.ts';
import { NotFoundPage } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';

/** Around every page. The chosen connector stays in the address from page to page. */
export const root = createRootRoute({
  component: Shell,
  validateSearch: addressed({ connector: text }),
  search: { middlewares: [retainSearchParams(['connector'])] },
  notFoundComponent: NotFoundPage,
});
