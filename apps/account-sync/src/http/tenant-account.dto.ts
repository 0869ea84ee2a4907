import { PageQuery, IfGiven, isoTime } from '@isthmus/service-kit';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsEmail,
  IsFQDN,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  Length,
} from 'class-validator';
import type { TenantAccountRow } from '../persistence/queries/tenant-accounts.query.ts';

/** Compared without case, so they are kept without it. */
const LowerCase = () =>
  Transform(({ value }: { value: unknown }) =>
    Array.isArray(value)
      ? value.map((one: unknown) => (typeof one === 'string' ? one.trim().toLowerCase() : one))
      : value,
  );

/** The whole of an account: what is left out is taken away. */
export class PutTenantAccount {
  @IsString() @Length(1, 500) name!: string;
  @LowerCase() @IsArray() @ArrayMaxSize(50) @ArrayUnique() @IsFQDN({}, { each: true }) domains: string[] = [];
  @LowerCase() @IsArray() @ArrayMaxSize(50) @ArrayUnique() @IsEmail({}, { each: true }) emails: string[] = [];
  @IsOptional() @IsString() @Length(1, 100) taxRegId?: string | null;
}

export class TenantAccountQuery extends PageQuery {
  /** Part of the name, the id or a domain. */
  @IfGiven() @IsString() @Length(1, 200) q?: string;
}

/** A customer as Work 365 knows it. */
export class TenantAccountView {
  /** Work 365's id. */
  @IsString() id!: string;
  @IsString() name!: string;
  @IsArray() @IsString({ each: true }) domains!: string[];
  @IsArray() @IsString({ each: true }) emails!: string[];
  @IsOptional() @IsString() taxRegId!: string | null;
  @IsInt() linkedProviderAccounts!: number;
  @IsISO8601() createdAt!: string;
  @IsISO8601() updatedAt!: string;
  /** The number in the ETag. */
  @IsInt() version!: number;
}

export function showTenantAccount(row: TenantAccountRow): TenantAccountView {
  return { ...row, createdAt: isoTime(row.createdAt), updatedAt: isoTime(row.updatedAt) };
}
