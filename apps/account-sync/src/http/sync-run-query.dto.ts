import { syncScopes, type SyncScope } from '@isthmus/contracts';
import { IfGiven } from '@isthmus/service-kit';
import { RunQuery } from '@isthmus/sync-engine';
import { IsIn } from 'class-validator';

export class SyncRunQuery extends RunQuery {
  @IfGiven() @IsIn(syncScopes) scope?: SyncScope;
}
