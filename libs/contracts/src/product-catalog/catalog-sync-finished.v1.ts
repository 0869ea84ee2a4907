import { Type } from 'class-transformer';
import { IsIn, IsOptional, IsUUID, Length, ValidateNested } from 'class-validator';
import { IsCounts, SyncRunFailureV1 } from '../account-sync/sync-run.ts';
import { Event } from '../event-contract.ts';
import { catalogDepths, catalogScopes, type CatalogDepth, type CatalogScope } from './catalog-sync.ts';

@Event({
  subject: 'product-catalog.catalog-sync-finished.v1',
  producer: 'product-catalog',
  aggregate: 'catalog-sync',
  summary:
    'A catalogue sync has come to its end: succeeded, failed, cancelled, or waiting for approval as a plan.',
})
export class CatalogSyncFinishedV1 {
  @IsUUID() runId!: string;
  @IsUUID() connectorId!: string;
  @IsIn(catalogScopes) scope!: CatalogScope;
  @IsIn(catalogDepths) depth!: CatalogDepth;
  @Length(1, 64) status!: string;
  @IsCounts() counts!: Record<string, number>;
  @IsOptional() @ValidateNested() @Type(() => SyncRunFailureV1) failure?: SyncRunFailureV1;
}
