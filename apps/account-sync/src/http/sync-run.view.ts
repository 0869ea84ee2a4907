import { syncDepths, syncScopes, type SyncDepth, type SyncScope } from '@isthmus/contracts';
import { RunView, showRun, type SyncRunRow } from '@isthmus/sync-engine';
import { IsBoolean, IsIn, IsOptional, IsUUID } from 'class-validator';
import { parseTarget } from '../domain/sync-target.ts';

export class SyncRunView extends RunView {
  @IsIn(syncScopes) declare scope: SyncScope;
  @IsIn(syncDepths) declare depth: SyncDepth;
  @IsOptional() @IsUUID() providerAccountId!: string | null;
  @IsOptional() @IsUUID() billingContractId!: string | null;
  /** The report that a re-import reads. */
  @IsOptional() @IsUUID() ratedReportId!: string | null;
}

export class StartedSyncRun extends SyncRunView {
  /** An equal run was open already, and this is that one. */
  @IsBoolean() joined!: boolean;
}

export function showSyncRun(row: SyncRunRow): SyncRunView {
  const {
    providerAccountId = null,
    billingContractId = null,
    ratedReportId = null,
  } = parseTarget(row.target);
  const scope = row.scope as SyncScope;
  const depth = row.depth as SyncDepth;
  return { ...showRun(row), scope, depth, providerAccountId, billingContractId, ratedReportId };
}
