import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsDefined,
  IsEmail,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Min,
  ValidateNested,
} from 'class-validator';
import { ServiceRequest, Event } from '../contract.ts';
import { FieldChangeV1 } from '../values.ts';

/** Address of a customer. */
export class AddressV1 {
  @IsOptional() @Length(0, 500) streetAddress?: string;
  @IsOptional() @Length(0, 500) addressExtension?: string;
  @IsOptional() @Length(0, 50) postalCode?: string;
  @IsOptional() @Length(0, 200) city?: string;
  @IsOptional() @Length(0, 200) state?: string;
  /** ISO 3166-1 alpha-2. */
  @IsOptional() @Length(0, 10) countryCode?: string;
}

/** A customer at CMP as last read, with what is ours. */
export class ProviderAccountV1 {
  /** Our id. */
  @IsUUID() providerAccountId!: string;
  @IsUUID() connectorId!: string;
  @Length(1, 64) cmpAccountId!: string;
  @Length(0, 500) name!: string;
  @IsOptional() @Length(0, 500) externalId?: string;
  /** CMP's value: pending, active, creditHold, adminHold, cancelled, error. */
  @Length(1, 64) status!: string;
  @IsOptional() @Length(0, 500) email?: string;
  /** First and last name of the contact, with a blank between. */
  @IsOptional() @Length(0, 500) contactName?: string;
  @IsOptional() @Length(0, 200) taxRegId?: string;
  @IsOptional() @ValidateNested() @Type(() => AddressV1) address?: AddressV1;
  /** The `*.onmicrosoft.com` of the account. */
  @IsOptional() @Length(0, 255) customDomain?: string;
  /** Whether one of its subscriptions shows that domain, so that the tenant exists; only set for a single account. */
  @IsOptional() @IsBoolean() customDomainSeen?: boolean;
  /**
   * Other domains found on its live subscriptions. The current one remains until a user decides or all subscriptions show the
   * same.
   */
  @IsOptional() @IsArray() @IsString({ each: true }) customDomainConflicts?: string[];
  /** Number of its live subscriptions without known seats; they are left out where seats are needed. */
  @IsOptional() @IsInt() @Min(0) unreadSubscriptions?: number;
  /** Time of the data: when it was last read from CMP. */
  @IsISO8601() asOf!: string;
  /** When it ended: CMP no longer lists it, or its connector was removed. Absent if it has not ended. */
  @IsOptional() @IsISO8601() goneAt?: string;
  /** The version its events carry. */
  @IsOptional() @IsInt() @Min(1) version?: number;
}

/** The fields of every request about provider accounts; each request concerns exactly one connector. */
export class ProviderAccountRequest {
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
}

/** The fields of every event about an account at CMP. */
abstract class AccountAtCmpV1 {
  @IsUUID() connectorId!: string;
  /** Our id. */
  @IsUUID() providerAccountId!: string;
  @Length(1, 64) cmpAccountId!: string;
  @Length(0, 500) name!: string;
  /** CMP's value. */
  @Length(1, 64) status!: string;
  /** Locally owned; no sync overwrites it. */
  @IsOptional() @Length(1, 255) customDomain?: string;
  @IsOptional() @Length(1, 255) externalId?: string;
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}

@Event({
  eventType: 'account-sync.provider-account-appeared.v1',
  producer: 'account-sync',
  aggregate: 'provider-account',
  summary: 'CMP lists an account that it did not list before.',
})
export class ProviderAccountAppearedV1 extends AccountAtCmpV1 {}

@Event({
  eventType: 'account-sync.provider-account-changed.v1',
  producer: 'account-sync',
  aggregate: 'provider-account',
  summary: 'An account changed at CMP; the event has the new values.',
})
export class ProviderAccountChangedV1 extends AccountAtCmpV1 {
  /** The changed fields, with the values before and after. */
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FieldChangeV1)
  changes?: FieldChangeV1[];
  /** The names of the fields that differ. */
  @IsOptional() @IsArray() @IsString({ each: true }) changed?: string[];
}

export const accountCloseReasons = [
  /** Reported by CMP. */
  'cancelled',
  /** A complete listing of CMP no longer has it. */
  'no-longer-listed',
  /** Its connector was removed here; nothing was sent to CMP or cancelled there. */
  'connector-removed',
] as const;
export type AccountCloseReason = (typeof accountCloseReasons)[number];

@Event({
  eventType: 'account-sync.provider-account-closed.v1',
  producer: 'account-sync',
  aggregate: 'provider-account',
  summary:
    'CMP no longer lists the account or lists it as closed, or its connector was removed; everything that depends on it must end.',
})
export class ProviderAccountClosedV1 extends AccountAtCmpV1 {
  @IsOptional() @IsIn(accountCloseReasons) reason?: AccountCloseReason;
}

/** The fields of both events of a link. */
abstract class AccountLinkFieldsV1 {
  @IsUUID() providerAccountId!: string;
  @Length(1, 64) tenantAccountId!: string;
  /** The user's subject, or the service's name. */
  @Length(1, 200) by!: string;
}

@Event({
  eventType: 'account-sync.provider-account-linked.v1',
  producer: 'account-sync',
  aggregate: 'provider-account',
  summary: 'A provider account now belongs to a tenant account.',
})
export class ProviderAccountLinkedV1 extends AccountLinkFieldsV1 {}

@Event({
  eventType: 'account-sync.provider-account-unlinked.v1',
  producer: 'account-sync',
  aggregate: 'provider-account',
  summary: 'A provider account no longer belongs to a tenant account.',
})
export class ProviderAccountUnlinkedV1 extends AccountLinkFieldsV1 {}

/** The response to ReadProviderAccount; without `account` the tenant, or the connector, has none of this id. */
export class ReadProviderAccountResponse {
  @IsOptional() @ValidateNested() @Type(() => ProviderAccountV1) account?: ProviderAccountV1;
}

@ServiceRequest({
  subject: 'rpc.account-sync.read-provider-account',
  service: 'account-sync',
  summary: 'One provider account, by our id.',
})
export class ReadProviderAccount {
  static readonly response = ReadProviderAccountResponse;
  @IsUUID() tenantId!: string;
  /** Restricts the request to this connector. */
  @IsOptional() @IsUUID() connectorId?: string;
  @IsUUID() providerAccountId!: string;
}

/** The response to ListProviderAccounts. */
export class ListProviderAccountsResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => ProviderAccountV1) accounts!: ProviderAccountV1[];
  /** Send it back to get the next page; absent on the last one. */
  @IsOptional() @Length(1, 1000) nextCursor?: string;
}

@ServiceRequest({
  subject: 'rpc.account-sync.list-provider-accounts',
  service: 'account-sync',
  summary: 'The provider accounts of a connector that CMP still lists, by id, up to 1,000 per page.',
})
export class ListProviderAccounts extends ProviderAccountRequest {
  static readonly response = ListProviderAccountsResponse;
  @IsOptional() @Length(1, 1000) cursor?: string;
}

/** The address of a new customer, with what CMP demands of one. */
export class NewAddressV1 {
  @Length(1, 500) streetAddress!: string;
  @IsOptional() @Length(0, 500) addressExtension?: string;
  @Length(1, 50) postalCode!: string;
  @Length(1, 200) city!: string;
  @IsOptional() @Length(0, 200) state?: string;
  /** ISO 3166-1 alpha-2. */
  @Matches(/^[A-Z]{2}$/) countryCode!: string;
}

/** CMP's contact person for the customer. */
export class NewContactV1 {
  @Length(1, 200) firstName!: string;
  @Length(1, 200) lastName!: string;
  @IsEmail() email!: string;
  /** In CMP's format: E.164, or country, area, number and extension, separated by `#`. */
  @Length(1, 50) phoneNumber!: string;
}

/** The response to CreateProviderAccount. */
export class CreateProviderAccountResponse {
  @IsDefined() @ValidateNested() @Type(() => ProviderAccountV1) account!: ProviderAccountV1;
}

@ServiceRequest({
  subject: 'rpc.account-sync.create-provider-account',
  service: 'account-sync',
  summary:
    'Creates a customer at CMP, once per key. Fails with provider-account.name-taken, .refused-by-cmp, .creation-unclear (retry), .cmp-away (retry).',
})
export class CreateProviderAccount extends ProviderAccountRequest {
  static readonly response = CreateProviderAccountResponse;
  /** Chosen by the caller; becomes the customer's `externalId` at CMP, by which it is found again. */
  @IsUUID() key!: string;
  @Length(1, 300) name!: string;
  @IsDefined() @ValidateNested() @Type(() => NewAddressV1) address!: NewAddressV1;
  @IsDefined() @ValidateNested() @Type(() => NewContactV1) contact!: NewContactV1;
  /** Such as `en_US`. */
  @Matches(/^[a-z]{2}_[A-Z]{2}$/) language!: string;
  @IsOptional() @Length(1, 200) taxRegId?: string;
  /** The `*.onmicrosoft.com` that is to be the account's; CMP does not know it. */
  @IsOptional() @Length(1, 255) customDomain?: string;
  /** The holder of the API key or of the token, for the audit log. */
  @IsOptional() @Length(1, 200) requestedBy?: string;
  /** Role of the token; absent for an API key. */
  @IsOptional() @Length(1, 50) role?: string;
}
