import { runControllers } from '@isthmus/sync-engine';
import { SyncRunQuery } from './sync-run-query.dto.ts';
import { showSyncRun, SyncRunView } from './sync-run.view.ts';

/** Looking at runs and steering them; StartSyncRunController starts them. */
export const syncRunControllers = runControllers({
  path: 'v1/sync-runs',
  view: SyncRunView,
  show: showSyncRun,
  query: SyncRunQuery,
});
