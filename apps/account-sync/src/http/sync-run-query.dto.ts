import { syncScopes, type SyncScope } from '@isthmus/contracts';
import { PageQuery, IfGiven } from '@isthmus/service-kit';
import { runLifecycle, type RunRecord, type RunStatus } from '@isthmus/sync-engine';
import { IsIn, IsUUID } from 'class-validator';

export const runStatuses = Object.keys(runLifecycle) as RunStatus[];
export const recordResults = [
  'appeared',
  'changed',
  'ended',
  'set-aside',
  'failed',
] as const satisfies RunRecord['result'][];

export class SyncRunQuery extends PageQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsIn(runStatuses) status?: RunStatus;
  @IfGiven() @IsIn(syncScopes) scope?: SyncScope;
}

export class RunRecordQuery extends PageQuery {
  @IfGiven() @IsIn(recordResults) result?: RunRecord['result'];
}
