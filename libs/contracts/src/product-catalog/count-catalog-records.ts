import { IsInt, IsOptional, IsUUID, Min } from 'class-validator';
import { ServiceRequest } from '../contract.ts';

/** The response to CountCatalogRecords. */
export class CountCatalogRecordsResponse {
  /** Products that are offered. */
  @IsInt() @Min(0) products!: number;
  /** Active mappings of part numbers. */
  @IsInt() @Min(0) mappings!: number;
  /** Catalogue syncs that have not ended. */
  @IsOptional() @IsInt() @Min(0) openRuns?: number;
}

@ServiceRequest({
  subject: 'rpc.product-catalog.count-connector-records',
  service: 'product-catalog',
  summary:
    'Counts the records that the removal of a connector would end in product-catalog; all zero if there are none.',
})
export class CountCatalogRecords {
  static readonly response = CountCatalogRecordsResponse;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
}
