import { type SyncDepth, syncDepths, type SyncScope, syncScopes } from '@isthmus/contracts';
import { IfGiven, OrNull } from '@isthmus/service-kit';
import { RunQuery, RunView, toRunView, type SyncRunRow } from '@isthmus/sync-engine';
import { IsBoolean, IsIn, IsUUID } from 'class-validator';
import { parseTarget } from './run-target.ts';

export class StartSyncRun {
  @IsUUID() connectorId!: string;
  @IsIn(syncScopes) scope!: SyncScope;
  /** Restricts the run to the subscriptions of this account. */
  @IfGiven() @IsUUID() providerAccountId?: string;
  /** Restricts the run to the subscriptions of the accounts linked to this contract's tenant account. */
  @IfGiven() @IsUUID() billingContractId?: string;
  /**
   * `incremental`: what orders have touched, or recent reports; `full`: all lists, and reports that failed before; `scrub`:
   * the details confirmed longest ago.
   */
  @IsIn(syncDepths) depth: SyncDepth = 'full';
  /** `false` only plans: the run's records show what would change, and nothing is written. */
  @IsBoolean() apply: boolean = true;
}

export class SyncRunQuery extends RunQuery {
  @IfGiven() @IsIn(syncScopes) scope?: SyncScope;
}

export class SyncRunView extends RunView {
  @IsIn(syncScopes) declare scope: SyncScope;
  @IsIn(syncDepths) declare depth: SyncDepth;
  @OrNull() @IsUUID() providerAccountId!: string | null;
  @OrNull() @IsUUID() billingContractId!: string | null;
  /** The report that a re-import reads. */
  @OrNull() @IsUUID() ratedReportId!: string | null;
}

export class StartedSyncRun extends SyncRunView {
  /** An identical run was already open; this is that run. */
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
  return { ...toRunView(row), scope, depth, providerAccountId, billingContractId, ratedReportId };
}
