import { IsIn, IsUUID, Length } from 'class-validator';
import { IsCounts } from '../account-sync/sync-run.ts';
import { Event } from '../event-contract.ts';
import { catalogDepths, catalogScopes, type CatalogDepth, type CatalogScope } from './catalog-sync.ts';

@Event({
  subject: 'product-catalog.catalog-sync-started.v1',
  producer: 'product-catalog',
  aggregate: 'catalog-sync',
  summary: "A worker has begun to read CMP's catalogue.",
})
export class CatalogSyncStartedV1 {
  @IsUUID() runId!: string;
  @IsUUID() connectorId!: string;
  @IsIn(catalogScopes) scope!: CatalogScope;
  @IsIn(catalogDepths) depth!: CatalogDepth;
  @Length(1, 64) status!: string;
  @IsCounts() counts!: Record<string, number>;
}
