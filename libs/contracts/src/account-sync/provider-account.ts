import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Min,
  ValidateNested,
} from 'class-validator';

/** Where a customer is. */
export class AddressV1 {
  @IsOptional() @Length(0, 500) streetAddress?: string;
  @IsOptional() @Length(0, 500) addressExtension?: string;
  @IsOptional() @Length(0, 50) postalCode?: string;
  @IsOptional() @Length(0, 200) city?: string;
  @IsOptional() @Length(0, 200) state?: string;
  /** ISO 3166-1 alpha-2. */
  @IsOptional() @Length(0, 10) countryCode?: string;
}

/** A customer at CMP as last read, with what belongs to us. */
export class ProviderAccountV1 {
  /** Our id. */
  @IsUUID() providerAccountId!: string;
  @IsUUID() connectorId!: string;
  @Length(1, 64) cmpAccountId!: string;
  @Length(0, 500) name!: string;
  @IsOptional() @Length(0, 500) externalId?: string;
  /** CMP's word: pending, active, creditHold, adminHold, cancelled, error. */
  @Length(1, 64) status!: string;
  @IsOptional() @Length(0, 500) email?: string;
  /** First and last name of the contact, with a blank between. */
  @IsOptional() @Length(0, 500) contactName?: string;
  @IsOptional() @Length(0, 200) taxRegId?: string;
  @IsOptional() @ValidateNested() @Type(() => AddressV1) address?: AddressV1;
  /** The `*.onmicrosoft.com` of the account. */
  @IsOptional() @Length(0, 255) customDomain?: string;
  /** Whether one of its subscriptions shows that domain, so that the tenant exists; told of a single account only. */
  @IsOptional() @IsBoolean() customDomainSeen?: boolean;
  /** Other domains that its live subscriptions show. The one in use stays until a person decides or they all show the same. */
  @IsOptional() @IsArray() @IsString({ each: true }) customDomainConflicts?: string[];
  /** How many of its live subscriptions are not known with their seats yet; they are left out where seats are needed. */
  @IsOptional() @IsInt() @Min(0) unreadSubscriptions?: number;
  /** When CMP was read for it. */
  @IsISO8601() asOf!: string;
  /** Since when it has ended: CMP no longer lists it, or its connector was removed. Absent of one that is there. */
  @IsOptional() @IsISO8601() goneAt?: string;
  /** The version its events carry. */
  @IsOptional() @IsInt() @Min(1) version?: number;
}

/** What every question about provider accounts names: one connector's, never another's. */
export class ProviderAccountQuestion {
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
}
