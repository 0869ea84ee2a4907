import { isoTime, isoTimeOrNull } from '@isthmus/service-kit';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
} from 'class-validator';
import type { AccountAddress } from '../domain/provider-account.entity.ts';
import type { ProviderAccountRow } from '../persistence/queries/provider-accounts.query.ts';

export class ProviderAccountView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsString() cmpAccountId!: string;
  @IsString() name!: string;
  @IsOptional() @IsString() externalId!: string | null;
  /** CMP's word. */
  @IsString() status!: string;
  @IsOptional() @IsString() email!: string | null;
  @IsOptional() @IsString() contactName!: string | null;
  @IsOptional() @IsString() taxRegId!: string | null;
  @IsOptional() @IsObject() address!: AccountAddress | null;
  @IsOptional() @IsString() customDomain!: string | null;
  /** `manual`: a person's word, which no sync overwrites. `cmp`: the only one its subscriptions show. */
  @IsOptional() @IsIn(['cmp', 'manual']) customDomainSource!: 'cmp' | 'manual' | null;
  /** Domains seen on its subscriptions; with more than one, a person has to choose. */
  @IsArray() @IsString({ each: true }) customDomainCandidates!: string[];
  /** Domains that its live subscriptions show beside the one in use, which stays until a person chooses or they all show the same. */
  @IsArray() @IsString({ each: true }) customDomainConflicts!: string[];
  /** Live subscriptions whose seats are not known yet. */
  @IsInt() unreadSubscriptions!: number;
  @IsBoolean() syncEnabled!: boolean;
  @IsOptional() @IsString() tenantAccountId!: string | null;
  @IsOptional() @IsString() tenantAccountName!: string | null;
  @IsOptional() @IsISO8601() linkedAt!: string | null;
  @IsOptional() @IsString() linkedBy!: string | null;
  /** Since when CMP has not listed it any more, or its connector has been removed. */
  @IsOptional() @IsISO8601() goneAt!: string | null;
  /** `no-longer-listed` or `connector-removed`; null of one that is there. */
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
