import { syncDepths, syncScopes, type SyncDepth, type SyncScope } from '@isthmus/contracts';
import { IfGiven } from '@isthmus/service-kit';
import { IsBoolean, IsIn, IsUUID } from 'class-validator';

export class StartSyncRun {
  @IsUUID() connectorId!: string;
  @IsIn(syncScopes) scope!: SyncScope;
  /** Only the subscriptions of this account. */
  @IfGiven() @IsUUID() providerAccountId?: string;
  /** Only the subscriptions of the accounts linked to this contract's tenant account. */
  @IfGiven() @IsUUID() billingContractId?: string;
  /**
   * `incremental`: what orders have touched, or reports of late; `full`: all lists, and reports that failed before; `scrub`: the
   * details confirmed longest ago.
   */
  @IsIn(syncDepths) depth: SyncDepth = 'full';
  /** `false` only plans: the run's records say what would change, and nothing is written. */
  @IsBoolean() apply: boolean = true;
}
