export { endingsAllowed, type BreakerLimits } from './breaker.ts';
export { countCall } from './call-counter.ts';
export { changesOf, type Difference } from './compare-page.ts';
export { failureOf, type FailureVerdict } from './failure.ts';
export { inTransaction } from './in-transaction.ts';
export { mirrorId } from './mirror-id.ts';
export { mirrorListing, type Coverage } from './mirror-listing.ts';
export { mirrorRow, type MirrorRow } from './mirror-row.ts';
export { mirrorSql } from './mirror-sql.ts';
export type {
  ChangeKind,
  ChangeOrigin,
  Mirror,
  MirrorChange,
  MirrorColumn,
  MirrorOwner,
  MirrorValue,
} from './mirror.ts';
export { requeueOrphans } from './requeue-orphans.ts';
export { approveRun, cancelRun } from './run-actions.ts';
export { RunContext, type Batch, type BatchResult } from './run-context.ts';
export { executeRun, type Execution, type OpenedCmp, type Phase, type SyncService } from './run-executor.ts';
export type { HeldRun } from './run-lease.ts';
export { openStatuses, runLifecycle, statusesThatMay, type RunAction, type RunStatus } from './run-lifecycle.ts';
export type { RunBreaker, RunCounts, RunFailure, RunRecord, RunWait } from './run-report.ts';
export type { RunTeller } from './run-teller.ts';
export { startRun, type RunRequest } from './start-run.ts';
export { SyncRun } from './sync-run.entity.ts';
export { SyncRunBatch } from './sync-run-batch.entity.ts';
export {
  ApprovalNeeded,
  ConnectorNotUsable,
  LeaseLost,
  RunActionRefused,
  RunCancelled,
  RunNotFound,
} from './sync.errors.ts';
export { syncMigrationSql, syncTables } from './tables.ts';
export { writeChanges } from './write-changes.ts';
