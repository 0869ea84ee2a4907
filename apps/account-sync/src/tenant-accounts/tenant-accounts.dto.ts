import { IfGiven, isoTime, OrNull, PageQuery } from '@isthmus/service-kit';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsEmail,
  IsFQDN,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  Length,
  ValidateNested,
} from 'class-validator';
import type { LinkReason, LinkReasonCode, LinkSuggestion } from './link-suggestions.ts';
import type { TenantAccountRow } from './tenant-accounts.store.ts';

/** Compared without case, so they are kept without it. */
const LowerCase = () =>
  Transform(({ value }: { value: unknown }) =>
    Array.isArray(value)
      ? value.map((one: unknown) => (typeof one === 'string' ? one.trim().toLowerCase() : one))
      : value,
  );

/** The complete account: fields that are left out are cleared. */
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
  @OrNull() @IsString() taxRegId!: string | null;
  @IsInt() linkedProviderAccounts!: number;
  @IsISO8601() createdAt!: string;
  @IsISO8601() updatedAt!: string;
  /** The number in the ETag. */
  @IsInt() version!: number;
}

export function showTenantAccount(row: TenantAccountRow): TenantAccountView {
  return { ...row, createdAt: isoTime(row.createdAt), updatedAt: isoTime(row.updatedAt) };
}

export class LinkAccount {
  /** Work 365's id of the account. */
  @IsString() @Length(1, 64) tenantAccountId!: string;
}

const reasonCodes = [
  'same-external-id',
  'same-tax-id',
  'same-domain',
  'same-name',
  'same-email-domain',
] as const satisfies LinkReasonCode[];

class LinkReasonView implements LinkReason {
  @IsIn(reasonCodes) code!: LinkReasonCode;
  /** What is equal, as a sentence. */
  @IsString() detail!: string;
}

class LinkSuggestionView implements LinkSuggestion {
  @IsString() tenantAccountId!: string;
  @IsString() name!: string;
  /** 1 to 100, the sum of what the reasons weigh. */
  @IsInt() score!: number;
  @IsArray() @ValidateNested({ each: true }) @Type(() => LinkReasonView) reasons!: LinkReasonView[];
  /** Another candidate has the same score. */
  @IsBoolean() tied!: boolean;
}

/** Best first; nothing is linked automatically. */
export class LinkSuggestions {
  @IsArray() @ValidateNested({ each: true }) @Type(() => LinkSuggestionView) data!: LinkSuggestionView[];
}
