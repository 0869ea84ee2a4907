import { IfGiven, isoTime, OrNull, PageQuery, QueryFlag } from '@isthmus/service-kit';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
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
  IsUUID,
  Length,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { LinkResult } from './account-links.store.ts';
import type { ImportedAccount } from './tenant-accounts.store.ts';
import type { LinkReason, LinkReasonCode, LinkSuggestion } from './link-suggestions.ts';
import type { TenantAccountRow } from './tenant-accounts.store.ts';

/** Compared case-insensitively, therefore stored in lower case. */
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

class LinkToMake {
  @IsUUID() providerAccountId!: string;
  /** Work 365's id of the account. */
  @IsString() @Length(1, 64) tenantAccountId!: string;
}

/** Which unlinked accounts have a suggestion that leaves no doubt. */
class SureSuggestions {
  @IfGiven() @IsUUID() connectorId?: string;
  /** From this score on; a suggestion that ties with another is never sure. */
  @IsInt() @Min(1) @Max(100) minScore: number = 80;
}

/** Links by name, or by what is suggested. */
export class LinkAccounts {
  /** At most 500. */
  @ValidateIf(({ suggested }: LinkAccounts) => suggested === undefined)
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @ArrayUnique(({ providerAccountId }: LinkToMake) => providerAccountId)
  @ValidateNested({ each: true })
  @Type(() => LinkToMake)
  links?: LinkToMake[];
  /** Instead of links: those of the suggestions, the first 500. */
  @IfGiven() @ValidateNested() @Type(() => SureSuggestions) suggested?: SureSuggestions;
  /** Nothing is linked: the results say what would be. */
  @IsBoolean() dryRun: boolean = false;
}

const linkOutcomes = ['linked', 'unchanged', 'refused'] as const;

class LinkResultView implements LinkResult {
  @IsUUID() providerAccountId!: string;
  @IsString() tenantAccountId!: string;
  @IsIn(linkOutcomes) outcome!: LinkResult['outcome'];
  /** Why it is refused. */
  @IsOptional() @IsString() code?: string;
  @IsOptional() @IsString() detail?: string;
  @IsOptional() @IsString() nextStep?: string;
}

export class LinkResultsView {
  /** Nothing was linked; it is what would be. */
  @IsBoolean() dryRun!: boolean;
  @IsInt() linked!: number;
  @IsInt() unchanged!: number;
  @IsInt() refused!: number;
  /** One per link, in the order of the request. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => LinkResultView) results!: LinkResultView[];
}

export function showLinkResults(results: LinkResult[], dryRun: boolean): LinkResultsView {
  const counts = { linked: 0, unchanged: 0, refused: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  return { dryRun, ...counts, results };
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
  /** The matching values, as a sentence. */
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

export class ImportQuery {
  /** Nothing is changed: the results say what would be. */
  @IfGiven() @QueryFlag() dryRun: boolean = false;
}

const importOutcomes = ['created', 'changed', 'unchanged', 'refused'] as const;

class ImportedAccountView implements ImportedAccount {
  /** From 1, without the header. */
  @IsInt() row!: number;
  @IsString() id!: string;
  /** Left out if the row cannot be used. */
  @IsOptional() @IsString() name?: string;
  @IsIn(importOutcomes) outcome!: ImportedAccount['outcome'];
  /** Why it is refused. */
  @IsOptional() @IsString() problem?: string;
}

export class ImportedAccountsView {
  /** Nothing was changed; it is what would be. */
  @IsBoolean() dryRun!: boolean;
  @IsInt() created!: number;
  @IsInt() changed!: number;
  @IsInt() unchanged!: number;
  @IsInt() refused!: number;
  /** One per row, in the order of the file. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => ImportedAccountView) results!: ImportedAccountView[];
}

export function showImportedAccounts(results: ImportedAccount[], dryRun: boolean): ImportedAccountsView {
  const counts = { created: 0, changed: 0, unchanged: 0, refused: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  return { dryRun, ...counts, results };
}
