import { IsArray, IsBoolean, IsOptional, IsString } from 'class-validator';

/** The contract's ValidationRulesForCountry; null where nobody here knows, and then nothing is demanded. */
export class ValidationRulesForCountry {
  @IsOptional() @IsString() defaultSupportedLanguage!: string | null;
  @IsOptional() @IsString() defaultCulture!: string | null;
  @IsBoolean() isStateRequired!: boolean;
  @IsBoolean() isCityRequired!: boolean;
  @IsBoolean() isPostalCodeRequired!: boolean;
  @IsArray() @IsString({ each: true }) stateList!: string[];
  @IsOptional() @IsString() phoneNumberRegex!: string | null;
  @IsOptional() @IsString() postalCodeRegex!: string | null;
  @IsBoolean() isTaxIdSupported!: boolean;
  @IsBoolean() isVatIdSupported!: boolean;
  @IsOptional() @IsString() vatIdRegex!: string | null;
  @IsOptional() @IsString() taxIdFormat!: string | null;
  @IsBoolean() isTaxIdOptional!: boolean;
}
