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
  @IsOptional() @OrNull() @MarketplaceField() marketplace?: string | null;
  @IfGiven() @IsObject() @ValidateNested() @Type(() => ScheduleSettings) schedule?: ScheduleSettings;
  @IfGiven() @IsObject() @ValidateNested() @Type(() => CallLimitSettings) callLimit?: CallLimitSettings;
  /** How Work 365 is answered through this connector's API keys; camelCase when left out. */
  @IfGiven() @IsIn(fieldNameStyles) fieldNames?: FieldNameStyle;
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => TermOfFrequencySettings)
  termOfFrequency?: TermOfFrequencySettings;
}
