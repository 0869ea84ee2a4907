import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { fieldNameStyles, type FieldNameStyle } from '@isthmus/contracts';
import { IfGiven } from '@isthmus/service-kit';
import {
  AccountIdField,
  ApiUrlField,
  CountryField,
  CurrencyField,
  MarketplaceField,
  NameField,
  PasswordField,
  SubscriptionKeyField,
  UsernameField,
} from './connector-fields.ts';
import { CallLimitSettings, ScheduleSettings, TermOfFrequencySettings } from './connector-settings.dto.ts';
import { OrNull } from './or-null.ts';

/** What is left out stays as it is. */
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
  @IsOptional() @OrNull() @MarketplaceField() marketplace?: string | null;
  @IfGiven() @IsObject() @ValidateNested() @Type(() => ScheduleSettings) schedule?: ScheduleSettings;
  @IfGiven() @IsObject() @ValidateNested() @Type(() => CallLimitSettings) callLimit?: CallLimitSettings;
  /** How Work 365 is answered through this connector's API keys; it takes effect within half a minute. */
  @IfGiven() @IsIn(fieldNameStyles) fieldNames?: FieldNameStyle;
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => TermOfFrequencySettings)
  termOfFrequency?: TermOfFrequencySettings;
}
