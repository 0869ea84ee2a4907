import { Type } from 'class-transformer';
import { IsDefined, IsEmail, IsOptional, IsUUID, Length, Matches, ValidateNested } from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { ProviderAccountQuestion, ProviderAccountV1 } from './provider-account.ts';

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

/** The person CMP writes to. */
export class NewContactV1 {
  @Length(1, 200) firstName!: string;
  @Length(1, 200) lastName!: string;
  @IsEmail() email!: string;
  /** As CMP wants it: E.164, or country, area, number and extension, split by `#`. */
  @Length(1, 50) phoneNumber!: string;
}

/** The answer to CreateProviderAccount. */
export class CreatedProviderAccount {
  @IsDefined() @ValidateNested() @Type(() => ProviderAccountV1) account!: ProviderAccountV1;
}

@Ask({
  subject: 'ask.account-sync.create-provider-account',
  service: 'account-sync',
  summary:
    'Creates a customer at CMP, once per key. Refused with provider-account.name-taken, .refused-by-cmp, .creation-unclear (ask again), .cmp-away (ask again).',
})
export class CreateProviderAccount extends ProviderAccountQuestion {
  static readonly answer = CreatedProviderAccount;
  /** Of the asker; becomes the customer's `externalId` at CMP, by which it is found again. */
  @IsUUID() key!: string;
  @Length(1, 300) name!: string;
  @IsDefined() @ValidateNested() @Type(() => NewAddressV1) address!: NewAddressV1;
  @IsDefined() @ValidateNested() @Type(() => NewContactV1) contact!: NewContactV1;
  /** Such as `en_US`. */
  @Matches(/^[a-z]{2}_[A-Z]{2}$/) language!: string;
  @IsOptional() @Length(1, 200) taxRegId?: string;
  /** The `*.onmicrosoft.com` that is to be the account's; CMP does not know it. */
  @IsOptional() @Length(1, 255) customDomain?: string;
}
