import type { NewAddressV1, NewContactV1 } from '@isthmus/contracts';
import { IfGiven, isoTime, isoTimeOrNull, OrNull, PageQuery, QueryFlag } from '@isthmus/service-kit';
import { Transform, Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsDefined,
  IsEmail,
  IsFQDN,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { type EndedFilter, endedFilters } from '../list-query.ts';
import type { AccountAddress } from './account.entity.ts';
import { type DomainState, domainStates, type ProviderAccountRow } from './accounts.store.ts';

export class ProviderAccountQuery extends PageQuery {
  /** Part of the name, the custom domain, the external id or CMP's id. */
  @IfGiven() @IsString() @Length(1, 200) q?: string;
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsString() @Length(1, 64) tenantAccountId?: string;
  /** `false`: only those that still have to be linked. */
  @IfGiven() @QueryFlag() linked?: boolean;
  /** Whether its tenant account has a billing contract that has not ended. */
  @IfGiven() @QueryFlag() hasContract?: boolean;
  @IfGiven() @QueryFlag() syncEnabled?: boolean;
  /** `missing`: without a custom domain. `conflict`: its subscriptions show others as well. */
  @IfGiven() @IsIn(domainStates) domain?: DomainState;
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

class AddressView implements AccountAddress {
  @IsOptional() @IsString() streetAddress?: string;
  @IsOptional() @IsString() addressExtension?: string;
  @IsOptional() @IsString() postalCode?: string;
  @IsOptional() @IsString() city?: string;
  @IsOptional() @IsString() state?: string;
  @IsOptional() @IsString() countryCode?: string;
}

export class ProviderAccountView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsString() cmpAccountId!: string;
  @IsString() name!: string;
  @OrNull() @IsString() externalId!: string | null;
  /** The status as reported by CMP. */
  @IsString() status!: string;
  @OrNull() @IsString() email!: string | null;
  @OrNull() @IsString() contactName!: string | null;
  @OrNull() @IsString() taxRegId!: string | null;
  @OrNull() @ValidateNested() @Type(() => AddressView) address!: AddressView | null;
  @OrNull() @IsString() customDomain!: string | null;
  /** `manual`: set by a user, and never overwritten by a sync. `cmp`: the only domain found on its subscriptions. */
  @OrNull() @IsIn(['cmp', 'manual']) customDomainSource!: 'cmp' | 'manual' | null;
  /** Domains found on its subscriptions; if there is more than one, a user has to choose. */
  @IsArray() @IsString({ each: true }) customDomainCandidates!: string[];
  /**
   * Domains found on its live subscriptions besides the current one, which remains in use until a user chooses or all
   * subscriptions show the same domain.
   */
  @IsArray() @IsString({ each: true }) customDomainConflicts!: string[];
  /** Live subscriptions whose seats are not known yet. */
  @IsInt() unreadSubscriptions!: number;
  @IsInt() liveSubscriptions!: number;
  /** Of the live subscriptions, as far as they are known. */
  @IsNumber() seats!: number;
  /** Billing contracts of its tenant account that have not ended. */
  @IsInt() billingContracts!: number;
  @IsBoolean() syncEnabled!: boolean;
  @OrNull() @IsString() tenantAccountId!: string | null;
  @OrNull() @IsString() tenantAccountName!: string | null;
  @OrNull() @IsISO8601() linkedAt!: string | null;
  @OrNull() @IsString() linkedBy!: string | null;
  /** Time at which it was first missing from CMP's list, or its connector was removed. */
  @OrNull() @IsISO8601() goneAt!: string | null;
  /** `no-longer-listed` or `connector-removed`; null if it has not ended. */
  @OrNull() @IsString() goneReason!: string | null;
  /** All of this is as CMP had it at this time or later. */
  @IsISO8601() asOf!: string;
  /** The number in the ETag. */
  @IsInt() version!: number;
}

export class ProviderAccountCountQuery {
  @IfGiven() @IsUUID() connectorId?: string;
}

/** Of the accounts that CMP lists. */
export class ProviderAccountCounts {
  @IsInt() all!: number;
  @IsInt() unlinked!: number;
  /** Linked, but nothing could be billed. */
  @IsInt() withoutContract!: number;
  @IsInt() domainMissing!: number;
  @IsInt() domainConflict!: number;
  @IsInt() syncDisabled!: number;
}

export function showProviderAccount(row: ProviderAccountRow): ProviderAccountView {
  return {
    ...row,
    linkedAt: isoTimeOrNull(row.linkedAt),
    goneAt: isoTimeOrNull(row.goneAt),
    asOf: isoTime(row.asOf),
  };
}

class NewAddress implements NewAddressV1 {
  @IsString() @Length(1, 500) streetAddress!: string;
  @IfGiven() @IsString() @Length(0, 500) addressExtension?: string;
  @IsString() @Length(1, 50) postalCode!: string;
  @IsString() @Length(1, 200) city!: string;
  @IfGiven() @IsString() @Length(0, 200) state?: string;
  /** ISO 3166-1 alpha-2. */
  @Matches(/^[A-Z]{2}$/) countryCode!: string;
}

class NewContact implements NewContactV1 {
  @IsString() @Length(1, 200) firstName!: string;
  @IsString() @Length(1, 200) lastName!: string;
  @IsEmail() email!: string;
  /** E.164, or country, area, number and extension, separated by `#`. */
  @IsString() @Length(1, 50) phoneNumber!: string;
}

/** A customer to be created at CMP. */
export class NewProviderAccount {
  @IsUUID() connectorId!: string;
  @IsString() @Length(1, 300) name!: string;
  @IsDefined() @ValidateNested() @Type(() => NewAddress) address!: NewAddress;
  /** CMP's contact person for the customer. */
  @IsDefined() @ValidateNested() @Type(() => NewContact) contact!: NewContact;
  /** Such as `en_US`. */
  @Matches(/^[a-z]{2}_[A-Z]{2}$/) language: string = 'en_US';
  @IfGiven() @IsString() @Length(1, 200) taxRegId?: string;
  /** The `*.onmicrosoft.com` domain of the account; CMP does not know it. */
  @IfGiven() @IsFQDN() @Length(1, 255) customDomain?: string;
}
