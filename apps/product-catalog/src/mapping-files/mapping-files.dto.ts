import { IfGiven, isoTime, isoTimeOrNull, MapOf, OrNull, PageQuery } from '@isthmus/service-kit';
import { IsBoolean, IsIn, IsInt, IsISO8601, IsString, IsUUID } from 'class-validator';
import {
  type ImportOutcome,
  importOutcomes,
  type ImportStatus,
  importStatuses,
  type MappingImport,
  type MappingImportRow,
} from './mapping-files.store.ts';

export class CatalogQuery {
  @IsUUID() connectorId!: string;
}

export class ImportRowQuery extends PageQuery {
  @IfGiven() @IsIn(importOutcomes) outcome?: ImportOutcome;
}

export class ImportView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  /** `previewed`: nothing is changed yet. */
  @IsIn(importStatuses) status!: ImportStatus;
  /** Rows by outcome. */
  @MapOf('integer') counts!: Partial<Record<ImportOutcome, number>>;
  @IsString() createdBy!: string;
  @IsISO8601() createdAt!: string;
  @OrNull() @IsString() appliedBy!: string | null;
  @OrNull() @IsISO8601() appliedAt!: string | null;
}

export class ImportRowView implements Pick<MappingImportRow, keyof ImportRowView> {
  /** Counted from 1, without the header. */
  @IsInt() row!: number;
  /** The last line of the row in the file. */
  @IsInt() line!: number;
  @IsString() partNumber!: string;
  @OrNull() @IsString() billingPeriod!: string | null;
  @OrNull() @IsString() term!: string | null;
  /** The product as named in the file. */
  @OrNull() @IsString() product!: string | null;
  @OrNull() @IsUUID() productId!: string | null;
  /** The effect, or why there is none. */
  @IsIn(importOutcomes) outcome!: ImportOutcome;
  @OrNull() @IsString() problem!: string | null;
  @IsBoolean() applied!: boolean;
}

export const toImport = ({ tenantId: _, ...summary }: MappingImport): ImportView => ({
  ...summary,
  createdAt: isoTime(summary.createdAt),
  appliedAt: isoTimeOrNull(summary.appliedAt),
});

export const toImportRow = ({
  importId: _,
  tenantId: _tenantId,
  partNumberKey: _key,
  action: _action,
  reason: _reason,
  ...row
}: MappingImportRow): ImportRowView => row;
