import { ratedLineKinds } from '@isthmus/contracts';
import { SyncWorkerEnv } from '@isthmus/sync-engine';
import { Type } from 'class-transformer';
import { IsInt, IsNumber, Matches, Max, Min, ValidateBy } from 'class-validator';
import { ratedFields } from './invoices/report-file/rated-vocabulary.ts';

/** Accepts a JSON object whose values are all among `allowed`. */
const IsWordTable = (allowed: readonly string[]) =>
  ValidateBy({
    name: 'isWordTable',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isTable(value, allowed),
      defaultMessage: () => `$property must be a JSON object whose values are among ${allowed.join(', ')}`,
    },
  });

function isTable(text: string, allowed: readonly string[]): boolean {
  try {
    const table: unknown = JSON.parse(text);
    return (
      typeof table === 'object' &&
      table !== null &&
      !Array.isArray(table) &&
      Object.values(table).every((value) => allowed.includes(value as string))
    );
  } catch {
    return false;
  }
}

/** Settings of the sync worker. */
export class WorkerEnv extends SyncWorkerEnv {
  /** Details requested concurrently within one run. */
  @Type(() => Number) @IsInt() @Min(1) @Max(20) DETAILS_AT_ONCE: number = 8;
  /** A run stops reading details after this long; the next one continues. */
  @Type(() => Number) @IsNumber() @Min(0.01) DETAILS_MAX_MINUTES: number = 50;
  /** The detail of every live subscription is confirmed about once in this many days, and not again within a seventh of them or a day. */
  @Type(() => Number) @IsNumber() @Min(0.01) SCRUB_DAYS: number = 7;
  /** How many days back the first tick of a connector reads orders. */
  @Type(() => Number) @IsInt() @Min(0) ORDER_HISTORY_DAYS: number = 30;
  /** Interval at which new reports are looked up, for connectors whose accounts are synced by schedule; 0 means never. */
  @Type(() => Number) @IsInt() @Min(0) REPORT_EVERY_MINUTES: number = 1440;
  /** How many days back reports of rated data are looked up. */
  @Type(() => Number) @IsInt() @Min(1) @Max(366) REPORT_DAYS: number = 62;
  /** Largest CSV; it is read row by row. */
  @Type(() => Number) @IsInt() @Min(1) @Max(4096) REPORT_CSV_MAX_MB: number = 256;
  /** Maximum size of a JSON file; it is loaded into memory as a whole, at about ten times its size. */
  @Type(() => Number) @IsInt() @Min(1) @Max(256) REPORT_JSON_MAX_MB: number = 64;
  /** Maximum size of a workbook; it is loaded into memory as a whole, at about 75 times its size. */
  @Type(() => Number) @IsInt() @Min(1) @Max(64) REPORT_XLSX_MAX_MB: number = 8;
  /** Most rows of a report in any format. The default is what a sheet can have at most, and about what the largest CSV has. */
  @Type(() => Number) @IsInt() @Min(1) @Max(100_000_000) REPORT_MAX_ROWS: number = 1_048_576;
  /**
   * Heap of the process in which a JSON file or workbook is read, one at a time; a file that needs more is treated as malformed,
   * and the worker continues.
   */
  @Type(() => Number) @IsInt() @Min(64) @Max(16_384) REPORT_MEMORY_MB: number = 512;
  /** Tolerance between an invoice's total and the sum of its lines: this much per line … */
  @Matches(/^\d{1,6}(\.\d{1,6})?$/) RATED_TOLERANCE_PER_LINE: string = '0.01';
  /** … but at most this much. */
  @Matches(/^\d{1,9}(\.\d{1,6})?$/) RATED_TOLERANCE_MAX: string = '1.00';
  /** Charge types in addition to the built-in ones, as JSON: `{"Azure usage": "usage"}`. */
  @IsWordTable(ratedLineKinds) RATED_LINE_KINDS: string = '{}';
  /** Column names in addition to the built-in ones, as JSON: `{"NET AMOUNT": "total"}`. */
  @IsWordTable(ratedFields) RATED_COLUMNS: string = '{}';
}
