import { IsArray, IsIn, IsObject, IsOptional, IsString } from 'class-validator';
import type { RunRecord } from '../runs/run-report.ts';
import { recordResults } from './run-query.dto.ts';

/** What happened, or in a plan would happen, to one record of CMP. */
export class RunRecordView implements RunRecord {
  /** What it is, e.g. `provider-account` or `product`. */
  @IsString() kind!: string;
  @IsOptional() @IsString() cmpId?: string;
  @IsOptional() @IsString() cmpAccountId?: string;
  @IsIn(recordResults) result!: RunRecord['result'];
  /** Names of the fields that differ. */
  @IsOptional() @IsArray() @IsString({ each: true }) changed?: string[];
  /** Of a plan: `{from, to}` of each field that differs, e.g. `quantity` or `lines[MPN].unitPrice`; null where there is no value. */
  @IsOptional() @IsObject() values?: RunRecord['values'];
  @IsOptional() @IsString() reason?: string;
  /** CMP's id of the call, for Ingram's support. */
  @IsOptional() @IsString() correlationId?: string;
}
