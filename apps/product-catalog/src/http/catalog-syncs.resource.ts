import { runControllers, RunView, showRun } from '@isthmus/sync-engine';

/** Looking at catalogue syncs and steering them; StartCatalogSyncController starts them. */
export const catalogSyncControllers = runControllers({
  path: 'v1/catalog-syncs',
  view: RunView,
  show: showRun,
});
