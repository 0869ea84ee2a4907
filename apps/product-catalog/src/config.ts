import { SyncWorkerEnv } from '@isthmus/sync-engine';
import { Type } from 'class-transformer';
import { IsInt, IsNumber, Max, Min } from 'class-validator';

/** Settings of the catalogue: API and worker are one process. */
export class ProductCatalogEnv extends SyncWorkerEnv {
  /** Interval at which progress is polled for each client that follows a run. */
  @Type(() => Number) @IsInt() @Min(50) @Max(500) PROGRESS_POLL_MS: number = 400;
  /** Maximum number of open runs per tenant that were started by users. */
  @Type(() => Number) @IsInt() @Min(1) RUNS_PER_TENANT: number = 100;
  /** A catalogue is read again after this long; 0 means never. */
  @Type(() => Number) @IsNumber() @Min(0) CATALOG_SYNC_MINUTES: number = 1_440;
  /** Largest CSV that is accepted, in bytes. */
  @Type(() => Number) @IsInt() @Min(1024) IMPORT_LIMIT: number = 67_108_864;
}
