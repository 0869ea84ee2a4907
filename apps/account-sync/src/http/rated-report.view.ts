import { isoTime, isoTimeOrNull } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import type { RatedReportRow } from '../persistence/queries/rated-reports.query.ts';

export class ReportFailureView {
  @IsString() code!: string;
  @IsString() detail!: string;
  @IsString() nextStep!: string;
}

/** A report of CMP that was fetched, and what became of it. */
export class RatedReportView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsString() cmpReportId!: string;
  @IsString() name!: string;
  /** CMP's word: periodic, daily, monthly, onetime, on_invoice. */
  @IsOptional() @IsString() type!: string | null;
  @IsOptional() @IsString() format!: string | null;
  /** When CMP made it, and the time it is about. */
  @IsISO8601() generatedAt!: string;
  @IsOptional() @IsISO8601() periodFrom!: string | null;
  @IsOptional() @IsISO8601() periodUntil!: string | null;
  @IsIn(['imported', 'failed']) status!: 'imported' | 'failed';
  /** How often it was fetched; after five only a run of the depth `full` or a re-import tries again. */
  @IsInt() attempts!: number;
  /** Without rows that state a total. */
  @IsInt() rows!: number;
  /** Of the last time it was read. An imported report keeps what was imported, also when reading it once more fails. */
  @IsOptional() @ValidateNested() @Type(() => ReportFailureView) failure!: ReportFailureView | null;
  /** Words for charges that no table has: their lines count as one-offs until RATED_LINE_KINDS names them. */
  @IsArray() @IsString({ each: true }) unknownChargeTypes!: string[];
  @IsISO8601() readAt!: string;
}

export const showRatedReport = (row: RatedReportRow): RatedReportView => ({
  ...row,
  generatedAt: isoTime(row.generatedAt),
  periodFrom: isoTimeOrNull(row.periodFrom),
  periodUntil: isoTimeOrNull(row.periodUntil),
  readAt: isoTime(row.readAt),
});
