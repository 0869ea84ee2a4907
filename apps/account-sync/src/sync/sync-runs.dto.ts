import { type SyncDepth, syncDepths, type SyncScope, syncScopes } from '@isthmus/contracts';
import { IfGiven, isoTimeOrNull, OrNull } from '@isthmus/service-kit';
import { RunQuery, RunView, toRunView, type SyncRunRow } from '@isthmus/sync-engine';
import { IsBoolean, IsIn, IsInt, IsISO8601, IsNumber, IsUUID } from 'class-validator';
import { parseTarget } from './run-target.ts';
import type { FreshnessRow } from './sync-runs.store.ts';

export class StartSyncRun {
  @IsUUID() connectorId!: string;
  @IsIn(syncScopes) scope!: SyncScope;
  /** Restricts the run to the subscriptions of this account. */
  @IfGiven() @IsUUID() providerAccountId?: string;
  /** Restricts the run to the subscriptions of the accounts linked to this contract's tenant account. */
  @IfGiven() @IsUUID() billingContractId?: string;
  /** Reads one subscription again, and what else is due of its account. */
  @IfGiven() @IsUUID() providerSubscriptionId?: string;
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
  @OrNull() @IsUUID() providerSubscriptionId!: string | null;
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
    providerSubscriptionId = null,
    ratedReportId = null,
  } = parseTarget(row.target);
  const scope = row.scope as SyncScope;
  const depth = row.depth as SyncDepth;
  const target = { providerAccountId, billingContractId, providerSubscriptionId, ratedReportId };
  return { ...toRunView(row), scope, depth, ...target };
}

/** What has been read of a connector, and how current it is. */
export class ConnectorFreshnessView {
  @IsUUID() connectorId!: string;
  /** Live accounts and subscriptions, and the seats of those that have been read. */
  @IsInt() accounts!: number;
  @IsInt() subscriptions!: number;
  @IsNumber() seats!: number;
  /** Start of the last run that read all accounts; null before the first one. */
  @OrNull() @IsISO8601() accountsAsOf!: string | null;
  /** Start of the last run that read all subscriptions. */
  @OrNull() @IsISO8601() subscriptionsAsOf!: string | null;
  /** Start of the last run that read the orders, and with them what orders have changed. */
  @OrNull() @IsISO8601() ordersAsOf!: string | null;
  /** The run that is in progress or next; null if there is none. */
  @OrNull() @IsUUID() runningRunId!: string | null;
  /** The oldest run that awaits approval. */
  @OrNull() @IsUUID() heldRunId!: string | null;
  /** Runs that failed in the last 24 hours. */
  @IsInt() failedRuns!: number;
}

export const showFreshness = (row: FreshnessRow): ConnectorFreshnessView => ({
  ...row,
  accountsAsOf: isoTimeOrNull(row.accountsAsOf),
  subscriptionsAsOf: isoTimeOrNull(row.subscriptionsAsOf),
  ordersAsOf: isoTimeOrNull(row.ordersAsOf),
});
