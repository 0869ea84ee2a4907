import { IfGiven, isoTime, isoTimeOrNull, PageQuery, QueryFlag } from '@isthmus/service-kit';
import { Transform } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsFQDN,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  MaxLength,
} from 'class-validator';
import { type EndedFilter, endedFilters } from '../list-query.ts';
import type { AccountAddress } from './account.entity.ts';
import type { ProviderAccountRow } from './accounts.store.ts';

export class ProviderAccountQuery extends PageQuery {
  /** Part of the name, the custom domain, the external id or CMP's id. */
  @IfGiven() @IsString() @Length(1, 200) q?: string;
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsString() @Length(1, 64) tenantAccountId?: string;
  /** `false`: only those that still have to be linked. */
  @IfGiven() @QueryFlag() linked?: boolean;
  /**
   * Items that have ended, were closed or are no longer listed: `exclude` (default) leaves them out, `include` adds them,
   * `only` returns nothing else.
   */
  @IfGiven() @IsIn(endedFilters) ended?: EndedFilter;
  /** `true`: the same as `ended=include`. */
  @IfGiven() @QueryFlag() includeGone?: boolean;
}

/** Fields that are left out are not changed. */
export class ChangeProviderAccount {
  /** E.g. `contoso.onmicrosoft.com`; no sync overwrites it. `null`: from now on the one CMP shows. */
  @Transform(({ value }) => (typeof value === 'string' ? value.trim().toLowerCase() : (value as unknown)))
  @IsOptional()
  @IsFQDN()
  @MaxLength(253)
  customDomain?: string | null;
  /** `false`: its subscriptions are left out of every run. */
  @IfGiven() @IsBoolean() syncEnabled?: boolean;
}

export class ProviderAccountView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsString() cmpAccountId!: string;
  @IsString() name!: string;
  @IsOptional() @IsString() externalId!: string | null;
  /** The status as reported by CMP. */
  @IsString() status!: string;
  @IsOptional() @IsString() email!: string | null;
  @IsOptional() @IsString() contactName!: string | null;
  @IsOptional() @IsString() taxRegId!: string | null;
  @IsOptional() @IsObject() address!: AccountAddress | null;
  @IsOptional() @IsString() customDomain!: string | null;
  /** `manual`: set by a user, and never overwritten by a sync. `cmp`: the only domain found on its subscriptions. */
  @IsOptional() @IsIn(['cmp', 'manual']) customDomainSource!: 'cmp' | 'manual' | null;
  /** Domains found on its subscriptions; if there is more than one, a user has to choose. */
  @IsArray() @IsString({ each: true }) customDomainCandidates!: string[];
  /**
   * Domains found on its live subscriptions besides the current one, which remains in use until a user chooses or all
   * subscriptions show the same domain.
   */
  @IsArray() @IsString({ each: true }) customDomainConflicts!: string[];
  /** Live subscriptions whose seats are not known yet. */
  @IsInt() unreadSubscriptions!: number;
  @IsBoolean() syncEnabled!: boolean;
  @IsOptional() @IsString() tenantAccountId!: string | null;
  @IsOptional() @IsString() tenantAccountName!: string | null;
  @IsOptional() @IsISO8601() linkedAt!: string | null;
  @IsOptional() @IsString() linkedBy!: string | null;
  /** Time at which it was first missing from CMP's list, or its connector was removed. */
  @IsOptional() @IsISO8601() goneAt!: string | null;
  /** `no-longer-listed` or `connector-removed`; null if it has not ended. */
  @IsOptional() @IsString() goneReason!: string | null;
  /** All of this is as CMP had it at this time or later. */
  @IsISO8601() asOf!: string;
  /** The number in the ETag. */
  @IsInt() version!: number;
}

export function showProviderAccount(row: ProviderAccountRow): ProviderAccountView {
  return {
    ...row,
    linkedAt: isoTimeOrNull(row.linkedAt),
    goneAt: isoTimeOrNull(row.goneAt),
    asOf: isoTime(row.asOf),
  };
}
