import { Type } from 'class-transformer';
import { IsIn, IsOptional, IsUUID, Length, ValidateNested } from 'class-validator';
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
  subject: 'account-sync.sync-run-finished.v1',
  producer: 'account-sync',
  aggregate: 'sync-run',
  summary: 'A run has come to its end: succeeded, failed, cancelled, or waiting for approval as a plan.',
})
export class SyncRunFinishedV1 {
  @IsUUID() runId!: string;
  @IsUUID() connectorId!: string;
  @IsIn(syncScopes) scope!: SyncScope;
  @IsIn(syncDepths) depth!: SyncDepth;
  @Length(1, 64) status!: string;
  @IsCounts() counts!: Record<string, number>;
  @IsOptional() @ValidateNested() @Type(() => SyncRunFailureV1) failure?: SyncRunFailureV1;
}
