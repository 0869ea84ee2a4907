import {
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Min,
} from 'class-validator';
import { Event } from '../event-contract.ts';
import { invoiceBalances, type InvoiceBalance } from './rated-line.ts';

const decimal = /^-?\d{1,30}(\.\d{1,20})?$/;

@Event({
  subject: 'account-sync.invoice-imported.v1',
  producer: 'account-sync',
  aggregate: 'invoice',
  summary:
    'An invoice of CMP was read from a report: for the first time, or anew because a later report says otherwise, or because more is known of its lines.',
})
export class InvoiceImportedV1 {
  @IsUUID() connectorId!: string;
  /** Our id. */
  @IsUUID() invoiceId!: string;
  /** CMP's number. */
  @Length(1, 255) number!: string;
  /** CMP's id of the report it was read from. */
  @Length(1, 255) cmpReportId!: string;
  @IsOptional() @Matches(/^\d{4}-\d{2}-\d{2}$/) invoiceDate?: string;
  @Matches(/^[A-Z]{3}$/) currency!: string;
  /** What the report states; absent when it states none. */
  @IsOptional() @Matches(decimal) statedTotal?: string;
  @Matches(decimal) lineTotal!: string;
  @IsIn(invoiceBalances) balance!: InvoiceBalance;
  @IsInt() @Min(0) lines!: number;
  @IsInt() @Min(0) unmatchedLines!: number;
  /** Identical rows of the report that were kept once. */
  @IsInt() @Min(0) repeatedRows!: number;
  /**
   * What is different from before: `lines`, `statedTotal`, `invoiceDate`, `currency`, `balance`, or `matches`: whose lines are, or what
   * they are for, has become known. Empty the first time.
   */
  @IsArray() @IsString({ each: true }) changed!: string[];
  /** Lines that came and went compared with before. */
  @IsInt() @Min(0) linesAdded!: number;
  @IsInt() @Min(0) linesRemoved!: number;
  /** Lines that stayed, with another kind of charge. */
  @IsOptional() @IsInt() @Min(0) linesAltered?: number;
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}
