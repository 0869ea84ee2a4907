export { endingsAllowed, type BreakerLimits } from './mirror/breaker.ts';
export { countCall } from './runs/call-counter.ts';
export { changesOf, plannedRecordOf, type Difference } from './mirror/compare-page.ts';
export { failureOf, type FailureVerdict } from './runs/failure.ts';
export { inTransaction } from './runs/in-transaction.ts';
export { cursorAfter, laterOf, readingFrom, type CursorReading } from './mirror/creation-cursor.ts';
export { mirrorId } from './mirror/mirror-id.ts';
export { mirrorListing, type Coverage, type LookFurther } from './mirror/mirror-listing.ts';
export { mirrorRow, type MirrorRow } from './mirror/mirror-row.ts';
export { mirrorSql } from './mirror/mirror-sql.ts';
export type {
  ChangeKind,
  ChangeOrigin,
  Mirror,
  MirrorChange,
  MirrorColumn,
  MirrorOwner,
  MirrorValue,
} from './mirror/mirror.ts';
export { remindOfHeldRuns } from './runs/remind-of-held-runs.ts';
export { requeueOrphans } from './runs/requeue-orphans.ts';
export { approveRun, cancelRun } from './runs/run-actions.ts';
export { RunContext, type Batch, type BatchResult } from './runs/run-context.ts';
export {
  executeRun,
  type Execution,
  type OpenedCmp,
  type Phase,
  type SyncService,
} from './runs/run-executor.ts';
export type { HeldRun } from './runs/run-lease.ts';
export {
  activeStatuses,
  openStatuses,
  runLifecycle,
  statusesThatMay,
  type RunAction,
  type RunStatus,
} from './runs/run-lifecycle.ts';
export type { RunBreaker, RunCounts, RunFailure, RunRecord, RunWait } from './runs/run-report.ts';
export {
  applyPlanPhase,
  planIdOf,
  planRowsOf,
  startApplying,
  type PlanMirrors,
  type PlanRow,
} from './runs/run-plan.ts';
export type { HeldReminder, RunTeller } from './runs/run-teller.ts';
export { startRun, type RunRequest } from './runs/start-run.ts';
export { SyncRun } from './runs/sync-run.entity.ts';
export { SyncPlanBatch, SyncRunBatch } from './runs/sync-run-batch.entity.ts';
export {
  ApprovalNeeded,
  ConnectorNotUsable,
  LeaseLost,
  PlanOutdated,
  RunActionRefused,
  RunCancelled,
  RunNotFound,
} from './runs/sync.errors.ts';
export { planned } from './mirror/sweep-listing.ts';
export {
  connectorCountrySql,
  connectorMigrationSql,
  connectorRestoredSql,
  syncMigrationSql,
  syncPlansSql,
  syncTables,
} from './tables.ts';
export {
  ConnectorRecords,
  EndRecordsOnConnectorRemoved,
} from './connectors/end-records-on-connector-removed.handler.ts';
export { ConnectorLookup } from './connectors/connector-lookup.ts';
export { connectorForRun } from './connectors/connector-for-run.ts';
export { Connector, type ConnectorPause, type SyncSchedule } from './connectors/connector.entity.ts';
export { ConnectorNotFound, ConnectorPaused } from './connectors/connector.errors.ts';
export { KeepConnectorOnConnectorCreated } from './connectors/keep-connector-on-connector-created.handler.ts';
export { ResumeSyncingOnConnectorResumed } from './connectors/resume-syncing-on-connector-resumed.handler.ts';
export { StopSyncingOnConnectorPaused } from './connectors/stop-syncing-on-connector-paused.handler.ts';
export { UpdateConnectorOnConnectorChanged } from './connectors/update-connector-on-connector-changed.handler.ts';
export { runControllers, type RunResource } from './http/run-controllers.ts';
export { RunQuery } from './http/run-query.dto.ts';
export { RunView, showRun } from './http/run.view.ts';
export { SyncRuns, syncRuns } from './runs/sync-runs.ts';
export type { SyncRunRow } from './runs/runs.query.ts';
export { CmpConnections, CmpSettings } from './worker/cmp-connections.ts';
export type { DueRun, SyncWork } from './worker/sync-work.ts';
export { syncWorker } from './worker/sync-worker.ts';
export { SyncWorkerEnv } from './worker/sync-worker.env.ts';
export { isDataRefusal, writeChanges, type WrittenChanges } from './mirror/write-changes.ts';
