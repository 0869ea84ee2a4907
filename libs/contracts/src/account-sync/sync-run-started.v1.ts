import { IsIn, IsUUID, Length } from 'class-validator';
import { Event } from '../event-contract.ts';
import { IsCounts, syncDepths, syncScopes, type SyncDepth, type SyncScope } from './sync-run.ts';

@Event({
  subject: 'account-sync.sync-run-started.v1',
  producer: 'account-sync',
  aggregate: 'sync-run',
  summary: 'A worker has begun to read CMP.',
})
export class SyncRunStartedV1 {
  @IsUUID() runId!: string;
  @IsUUID() connectorId!: string;
  @IsIn(syncScopes) scope!: SyncScope;
  @IsIn(syncDepths) depth!: SyncDepth;
  @Length(1, 64) status!: string;
  @IsCounts() counts!: Record<string, number>;
}
