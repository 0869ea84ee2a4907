import { Type } from 'class-transformer';
import { IsDefined, IsIn, IsInt, IsISO8601, IsUUID, Min, ValidateNested } from 'class-validator';
import { IsCounts, SyncRunFailureV1 } from '../account-sync/sync-run.ts';
import { Event } from '../event-contract.ts';
import { catalogDepths, catalogScopes, type CatalogDepth, type CatalogScope } from './catalog-sync.ts';

@Event({
  subject: 'product-catalog.catalog-sync-held.v1',
  producer: 'product-catalog',
  aggregate: 'catalog-sync',
  summary:
    'A reminder: a catalogue sync still waits for approval. Repeated from time to time until it is approved or cancelled.',
})
export class CatalogSyncHeldV1 {
  @IsUUID() runId!: string;
  @IsUUID() connectorId!: string;
  @IsIn(catalogScopes) scope!: CatalogScope;
  @IsIn(catalogDepths) depth!: CatalogDepth;
  @IsCounts() counts!: Record<string, number>;
  /** Since when the same danger waits for a person. */
  @IsISO8601({ strict: true }) heldSince!: string;
  /** 1 for the first reminder. */
  @IsInt() @Min(1) reminder!: number;
  /** Why it waits, and what to do. */
  @IsDefined() @ValidateNested() @Type(() => SyncRunFailureV1) failure!: SyncRunFailureV1;
}
