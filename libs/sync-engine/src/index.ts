// Runs
export {
  activeStatuses,
  allowedEndings,
  openStatuses,
  runLifecycle,
  statusesAllowing,
  type BreakerLimits,
  type PlanRow,
  type RunAction,
  type RunBreaker,
  type RunCounts,
  type RunFailure,
  type RunRecord,
  type RunStatus,
  type RunWait,
} from './runs/run.ts';
export {
  ApprovalNeeded,
  LeaseLost,
  PlanOutdated,
  RunActionRefused,
  RunCancelled,
  RunNotFound,
} from './runs/run.ts';
export {
  approveRun,
  cancelRun,
  dropOldPlans,
  dropOldRuns,
  sendHeldRunReminders,
  startDueRuns,
  startRun,
  type DueRun,
  type RunRequest,
} from './runs/run-actions.ts';
export { RunContext, type Batch, type BatchResult } from './runs/run-context.ts';
export { executeRun, type Phase, type SyncService } from './runs/run-executor.ts';
export { decideFailure, type FailureDecision } from './runs/run-failure.ts';
export { runEventsIn, type RunEvents } from './runs/run-events.ts';
export { claimRun, heldRuns, runAges, runBacklog, type LeasedRun } from './runs/run-lease.ts';
export { SyncPlanBatch, SyncRun, SyncRunBatch } from './tables.ts';
export { SyncRuns, syncRuns, type SyncRunRow } from './sync-runs.ts';
export { SyncWorker, syncWorker, SyncWorkerEnv, type SyncWork } from './sync-worker.ts';
export { runControllers, type RunResource } from './http/run-controllers.ts';
export { RunQuery, RunView, toRunView } from './http/run.view.ts';

// Mirrors
export {
  mirrorId,
  mirrorRow,
  type ChangeKind,
  type ChangeOrigin,
  type Mirror,
  type MirrorChange,
  type MirrorColumn,
  type MirrorOwner,
  type MirrorRow,
  type MirrorValue,
} from './mirror/mirror.ts';
export {
  compareRecords,
  countMoved,
  plannedCounts,
  toPlannedRecord,
  type Comparison,
  type Difference,
} from './mirror/compare-records.ts';
export {
  applyRecords,
  isDataRefusal,
  writeRecords,
  type RecordsBatch,
  type WrittenChanges,
} from './mirror/apply-records.ts';
export {
  mirrorListing,
  type Coverage,
  type FindRelocated,
  type MoveBudget,
} from './mirror/mirror-listing.ts';
export { cursorAfter, latestOf, readingFrom, type CursorReading } from './mirror/creation-cursor.ts';
export { applyPlanPhase, appliedPlanId, startApplying, type PlanMirrors } from './mirror/apply-plan.ts';

// Connectors, and tables
export { Connector, type ConnectorPause, type SyncSchedule } from './connectors/connectors.ts';
export {
  ConnectorLookup,
  ConnectorNotFound,
  ConnectorPaused,
  requireActiveConnector,
  requireConnector,
} from './connectors/connectors.ts';
export {
  ConnectorRecords,
  EndRecordsOnConnectorRemoved,
  ProjectConnectorOnConnectorCreated,
  ResumeSyncingOnConnectorResumed,
  StopSyncingOnConnectorPaused,
  UpdateConnectorOnConnectorChanged,
} from './connectors/connector.events.ts';
export {
  connectorCountrySql,
  connectorMigrationSql,
  connectorRestoredSql,
  listedDigestsSql,
  syncClaimsSql,
  syncMigrationSql,
  syncPlansSql,
  syncPoliciesSql,
  syncTables,
} from './tables.ts';
