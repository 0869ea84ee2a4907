import { Type } from 'class-transformer';
import { IsDefined, IsIn, IsInt, IsISO8601, IsUUID, Min, ValidateNested } from 'class-validator';
import { Event } from '../event-contract.ts';
import {
  IsCounts,
  syncDepths,
  SyncRunFailureV1,
  syncScopes,
  type SyncDepth,
  type SyncScope,
} from './sync-run.ts';

@Event({
  subject: 'account-sync.sync-run-held.v1',
  producer: 'account-sync',
  aggregate: 'sync-run',
  summary:
    'A reminder: a run still waits for approval. Repeated from time to time until it is approved or cancelled.',
})
export class SyncRunHeldV1 {
  @IsUUID() runId!: string;
  @IsUUID() connectorId!: string;
  @IsIn(syncScopes) scope!: SyncScope;
  @IsIn(syncDepths) depth!: SyncDepth;
  @IsCounts() counts!: Record<string, number>;
  /** Since when the same danger waits for a person. */
  @IsISO8601({ strict: true }) heldSince!: string;
  /** 1 for the first reminder. */
  @IsInt() @Min(1) reminder!: number;
  /** Why it waits, and what to do. */
  @IsDefined() @ValidateNested() @Type(() => SyncRunFailureV1) failure!: SyncRunFailureV1;
}
