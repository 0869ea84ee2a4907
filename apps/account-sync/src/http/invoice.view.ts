import { invoiceBalances, type InvoiceBalance } from '@isthmus/contracts';
import { isoTime } from '@isthmus/service-kit';
import { IsIn, IsInt, IsISO8601, IsOptional, IsString, IsUUID } from 'class-validator';
import type { InvoiceRow } from '../persistence/queries/invoices.query.ts';

export class InvoiceView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  /** CMP's number. */
  @IsString() number!: string;
  @IsOptional() @IsISO8601() invoiceDate!: string | null;
  @IsString() currency!: string;
  /** What the report states; null when it states none. */
  @IsOptional() @IsString() statedTotal!: string | null;
  /** The sum of the lines. */
  @IsString() lineTotal!: string;
  /** `unchecked` when the report states no total. */
  @IsIn(invoiceBalances) balance!: InvoiceBalance;
  /** Why it is unbalanced, with both sums. */
  @IsOptional() @IsString() balanceDetail!: string | null;
  @IsInt() lines!: number;
  /** Lines that are no known account's. */
  @IsInt() unmatchedLines!: number;
  /** Rows of the report that were equal to earlier ones and count once. */
  @IsInt() repeatedRows!: number;
  /** The report it was last read from, and when CMP made that. */
  @IsString() cmpReportId!: string;
  @IsString() reportName!: string;
  @IsISO8601() generatedAt!: string;
  @IsISO8601() createdAt!: string;
  @IsISO8601() changedAt!: string;
  @IsInt() version!: number;
}

export const showInvoice = ({ place: _, ...row }: InvoiceRow): InvoiceView => ({
  ...row,
  generatedAt: isoTime(row.generatedAt),
  createdAt: isoTime(row.createdAt),
  changedAt: isoTime(row.changedAt),
});
