import { IsInt, IsOptional, IsUUID, Min } from 'class-validator';
import { Ask } from '../contract.ts';

/** The response to CountCatalogRecords. */
export class CatalogRecordCounts {
  /** Products that are offered. */
  @IsInt() @Min(0) products!: number;
  /** Active mappings of part numbers. */
  @IsInt() @Min(0) mappings!: number;
  /** Catalogue syncs that have not ended. */
  @IsOptional() @IsInt() @Min(0) openRuns?: number;
}

@Ask({
  subject: 'ask.product-catalog.count-connector-records',
  service: 'product-catalog',
  summary:
    'Counts what the removal of a connector would end in product-catalog; all zero if there is nothing.',
})
export class CountCatalogRecords {
  static readonly answer = CatalogRecordCounts;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
}
