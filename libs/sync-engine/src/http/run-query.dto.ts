import { IfGiven, PageQuery } from '@isthmus/service-kit';
import { IsIn, IsUUID } from 'class-validator';
import { runLifecycle, type RunStatus } from '../runs/run-lifecycle.ts';
import type { RunRecord } from '../runs/run-report.ts';

export const runStatuses = Object.keys(runLifecycle) as RunStatus[];
export const recordResults = [
  'appeared',
  'changed',
  'ended',
  'set-aside',
  'failed',
] as const satisfies RunRecord['result'][];

/** Filters of a list of runs; a service with several scopes adds that. */
export class RunQuery extends PageQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsIn(runStatuses) status?: RunStatus;
}

export class RunRecordQuery extends PageQuery {
  @IfGiven() @IsIn(recordResults) result?: RunRecord['result'];
}
