import { type FieldNameStyle, fieldNameStyles, isoPeriod } from '@isthmus/contracts';
import { CountryCode, CurrencyCode } from '@isthmus/domain';
import { IfGiven, Schema } from '@isthmus/service-kit';
import { applyDecorators } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';

/** ISO 3166-1 alpha-2, capitals. */
function IsCountryCode(): PropertyDecorator {
  return isoCode('isCountryCode', CountryCode.is, 'an ISO 3166-1 alpha-2 code such as US', '^[A-Z]{2}$');
}

/** Three capital letters; whether they are a currency today is not checked. */
function IsCurrencyCode(): PropertyDecorator {
  return isoCode('isCurrencyCode', CurrencyCode.is, 'three letters such as USD', '^[A-Z]{3}$');
}

function isoCode(
  name: string,
  is: (text: string) => boolean,
  expected: string,
  pattern: string,
): PropertyDecorator {
  return applyDecorators(
    ValidateBy({
      name,
      validator: {
        validate: (value) => typeof value === 'string' && is(value),
        defaultMessage: () => `$property must be ${expected}`,
      },
    }),
    Schema({ type: 'string', pattern, description: expected }),
  );
}

// The rules of each field, once for every body that has it.

const noControls = Matches(/^\P{Cc}*$/u, { message: '$property must not contain control characters' });

const Trimmed = () => Transform(({ value }) => (typeof value === 'string' ? value.trim() : value));
const Capitals = () =>
  Transform(({ value }) => (typeof value === 'string' ? value.trim().toUpperCase() : value));

const NameField = () => applyDecorators(Trimmed(), IsString(), Length(1, 100), noControls);

/** Basic authentication ends the name at the first colon (RFC 7617, 2). */
const UsernameField = () =>
  applyDecorators(
    Trimmed(),
    IsString(),
    Length(1, 200),
    noControls,
    Matches(/^[^:]*$/, { message: '$property must not contain a colon' }),
  );

/** Not trimmed: a password may begin or end with a blank. */
const PasswordField = () => applyDecorators(IsString(), Length(1, 500), noControls);

/** `requireApiUrl`, which knows the environment, decides whether the address may be used. */
const ApiUrlField = () => applyDecorators(Trimmed(), IsString(), Length(1, 500));

const AccountIdField = () => applyDecorators(Trimmed(), IsString(), Length(1, 64), noControls);

/** The subscription key is sent as a header, so other characters are not possible. */
const SubscriptionKeyField = () =>
  applyDecorators(
    Trimmed(),
    IsString(),
    Length(1, 200),
    Matches(/^[\x21-\x7e]*$/, { message: '$property must contain only visible ASCII characters' }),
  );

/** A country code as people write it becomes the ISO code, including UK; anything else is unchanged, and refused later. */
const IsoCountry = () =>
  Transform(({ value }) => (typeof value === 'string' ? (CountryCode.read(value) ?? value) : value));

const CountryField = () => applyDecorators(IsoCountry(), IsCountryCode());

const CurrencyField = () => applyDecorators(Capitals(), IsCurrencyCode());

/** CMP's marketplace codes are lower-case words such as `us`, `uk`, and `stg` in its lab. */
const MarketplaceField = () =>
  applyDecorators(
    Trimmed(),
    IsString(),
    Matches(/^[a-z][a-z0-9-]{0,31}$/, { message: '$property must be a lower-case code such as us' }),
  );

const sixtyDays = 60 * 24 * 60;
const Minutes = () => applyDecorators(IfGiven(), Min(0), Max(sixtyDays), IsInt());

/** Minutes between two reads of CMP; 0 turns that read off, fields that are left out are not changed. */
class ScheduleSettings {
  /** New and open orders; 5 unless set. */
  @Minutes() tickMinutes?: number;
  /** All subscriptions; 60 unless set. */
  @Minutes() sweepMinutes?: number;
  /** All provider accounts; 1440 unless set. */
  @Minutes() accountsMinutes?: number;
}

const Calls = () => applyDecorators(IsOptional(), Min(1), Max(1_000_000), IsInt());

/** Calls that CMP allows the subscription key; null if unknown, fields that are left out are not changed. */
class CallLimitSettings {
  /** 60 unless set. */
  @Calls() perMinute?: number | null;
  /** 5000 unless set. */
  @Calls() perDay?: number | null;
}

const Term = () =>
  applyDecorators(
    IsOptional(),
    Matches(isoPeriod, { message: '$property must be a term such as P1M, P1Y or P3Y' }),
  );

/**
 * The term to assume if a request of Work 365 specifies only the billing frequency. null: such a request is rejected; fields that
 * are left out are not changed.
 */
export class TermOfFrequencySettings {
  @Term() monthly?: string | null;
  @Term() annual?: string | null;
  @Term() triennial?: string | null;
}

const LimitFrom = (least: number, most = 1_000_000) =>
  applyDecorators(IsOptional(), Min(least), Max(most), IsInt());

/** Thresholds above which an order needs more than its request. null: no such limit; fields that are left out are not changed. */
class OrderLimitSettings {
  /** Added seats, with those added there within a day; 250, or 2500 for an approval, unless set. */
  @LimitFrom(1) seats?: number | null;
  /** The new total in percent of the seats that a subscription has; 300, or 3000 for an approval, unless set. */
  @LimitFrom(101) percent?: number | null;
  /** Below so many added seats, the percentage does not count; 50, or 500 for an approval, unless set. */
  @IfGiven() @Min(1) @Max(1_000_000) @IsInt() percentFromSeats?: number;
  /**
   * The cost of the added seats in a year, in the order's currency; 25000, or 250000 for an approval, unless set, and more in
   * currencies with a small unit.
   */
  @LimitFrom(1, 1_000_000_000_000) yearlyAmount?: number | null;
  /** New subscriptions within an hour; 100, or 1000 for an approval, unless set. */
  @LimitFrom(1) purchasesPerHour?: number | null;
}

/**
 * Defines which orders of the connector need a quote or the approval of a second person; applies to orders placed from then on.
 */
class OrderGuardFields {
  @IfGiven() @IsObject() @ValidateNested() @Type(() => OrderLimitSettings) quoteFrom?: OrderLimitSettings;
  @IfGiven() @IsObject() @ValidateNested() @Type(() => OrderLimitSettings) approvalFrom?: OrderLimitSettings;
  /** Number of days that an order waits for approval before it expires; 7 unless set. */
  @IfGiven() @Min(1) @Max(90) @IsInt() approvalDays?: number;
}

/** The eight fields of CMP's connector page, and how to use them. */
export class CreateConnector {
  @NameField() name!: string;
  @UsernameField() username!: string;
  @PasswordField() password!: string;
  @ApiUrlField() apiUrl!: string;
  @AccountIdField() accountId!: string;
  @SubscriptionKeyField() subscriptionKey!: string;
  @CountryField() country!: string;
  @CurrencyField() currency!: string;
  /** Left out or null: the one of the country. */
  @IsOptional() @MarketplaceField() marketplace?: string | null;
  @IfGiven() @IsObject() @ValidateNested() @Type(() => ScheduleSettings) schedule?: ScheduleSettings;
  @IfGiven() @IsObject() @ValidateNested() @Type(() => CallLimitSettings) callLimit?: CallLimitSettings;
  /** The form of responses to Work 365 for this connector's API keys; camelCase if left out. */
  @IfGiven() @IsIn(fieldNameStyles) fieldNames?: FieldNameStyle;
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => TermOfFrequencySettings)
  termOfFrequency?: TermOfFrequencySettings;
  @IfGiven() @IsObject() @ValidateNested() @Type(() => OrderGuardFields) orderGuard?: OrderGuardFields;
}

/** Fields that are left out are not changed. */
export class ChangeConnector {
  @IfGiven() @NameField() name?: string;
  /** Needs the password again. */
  @IfGiven() @UsernameField() username?: string;
  /** Replaces the stored one. */
  @IfGiven() @PasswordField() password?: string;
  /** Needs the password and the subscription key again. */
  @IfGiven() @ApiUrlField() apiUrl?: string;
  @IfGiven() @AccountIdField() accountId?: string;
  /** Replaces the stored one. */
  @IfGiven() @SubscriptionKeyField() subscriptionKey?: string;
  @IfGiven() @CountryField() country?: string;
  @IfGiven() @CurrencyField() currency?: string;
  /** null: from now on the one of the country. */
  @IsOptional() @MarketplaceField() marketplace?: string | null;
  @IfGiven() @IsObject() @ValidateNested() @Type(() => ScheduleSettings) schedule?: ScheduleSettings;
  @IfGiven() @IsObject() @ValidateNested() @Type(() => CallLimitSettings) callLimit?: CallLimitSettings;
  /** The form of responses to Work 365 for this connector's API keys; takes effect within half a minute. */
  @IfGiven() @IsIn(fieldNameStyles) fieldNames?: FieldNameStyle;
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => TermOfFrequencySettings)
  termOfFrequency?: TermOfFrequencySettings;
  @IfGiven() @IsObject() @ValidateNested() @Type(() => OrderGuardFields) orderGuard?: OrderGuardFields;
}

/** A form's fields before they are saved; it may not have a name yet. */
export class VerifyConnector extends CreateConnector {
  @IfGiven() @NameField() override name!: string;
}

export class PauseRequest {
  /** Shown to people who wonder why nothing is read. */
  @IfGiven() @IsString() @Length(1, 500) reason?: string;
}
