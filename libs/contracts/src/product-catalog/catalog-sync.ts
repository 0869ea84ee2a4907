import { Type } from 'class-transformer';
import {
  IsDefined,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsUUID,
  Length,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsCounts, SyncRunFailureV1 } from '../account-sync/sync-run.ts';
import { Event } from '../contract.ts';

export const catalogScopes = ['products'] as const;
export type CatalogScope = (typeof catalogScopes)[number];

/** CMP's product list has no "changed since". */
export const catalogDepths = ['full'] as const;
export type CatalogDepth = (typeof catalogDepths)[number];

@Event({
  eventType: 'product-catalog.catalog-sync-started.v1',
  producer: 'product-catalog',
  aggregate: 'catalog-sync',
  summary: "A worker has started to read CMP's catalogue.",
})
export class CatalogSyncStartedV1 {
  @IsUUID() runId!: string;
  @IsUUID() connectorId!: string;
  @IsIn(catalogScopes) scope!: CatalogScope;
  @IsIn(catalogDepths) depth!: CatalogDepth;
  @Length(1, 64) status!: string;
  @IsCounts() counts!: Record<string, number>;
}

@Event({
  eventType: 'product-catalog.catalog-sync-held.v1',
  producer: 'product-catalog',
  aggregate: 'catalog-sync',
  summary:
    'A reminder that a catalogue sync still waits for approval. Repeated until it is approved or cancelled.',
})
export class CatalogSyncHeldV1 {
  @IsUUID() runId!: string;
  @IsUUID() connectorId!: string;
  @IsIn(catalogScopes) scope!: CatalogScope;
  @IsIn(catalogDepths) depth!: CatalogDepth;
  @IsCounts() counts!: Record<string, number>;
  /** Since when the same danger has been waiting for approval. */
  @IsISO8601({ strict: true }) heldSince!: string;
  /** 1 for the first reminder. */
  @IsInt() @Min(1) reminder!: number;
  /** Why it waits, and what to do. */
  @IsDefined() @ValidateNested() @Type(() => SyncRunFailureV1) failure!: SyncRunFailureV1;
}

@Event({
  eventType: 'product-catalog.catalog-sync-finished.v1',
  producer: 'product-catalog',
  aggregate: 'catalog-sync',
  summary: 'A catalogue sync has ended: succeeded, failed, cancelled, or waiting for approval as a plan.',
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
