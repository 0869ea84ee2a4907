import { isoTime } from '@isthmus/service-kit';
import { IsBoolean, IsInt, IsISO8601, IsOptional, IsString, IsUUID } from 'class-validator';
import type { BillingContractRow } from '../persistence/queries/billing-contracts.query.ts';

export class BillingContractView {
  @IsUUID() id!: string;
  @IsString() tenantAccountId!: string;
  @IsString() name!: string;
  @IsString() currency!: string;
  @IsISO8601() startDate!: string;
  @IsOptional() @IsISO8601() endDate!: string | null;
  @IsBoolean() isDefault!: boolean;
  @IsISO8601() createdAt!: string;
  @IsString() createdBy!: string;
  /** The number in the ETag. */
  @IsInt() version!: number;
}

export function showBillingContract(row: BillingContractRow): BillingContractView {
  return { ...row, createdAt: isoTime(row.createdAt) };
}
