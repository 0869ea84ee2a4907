import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsOptional, IsString, ValidateNested } from 'class-validator';
import { AddressValidationStatus } from '../domain/wire-enums.ts';
import { Address } from './customer.dto.ts';

export class ProviderProperties {
  @IsBoolean() supportsAgreementConfirmation!: boolean;
  @IsBoolean() supportsAddressVerification!: boolean;
  @IsBoolean() supportsCustomerCreation!: boolean;
}

export class AddressValidation {
  @ValidateNested() @Type(() => Address) originalAddress!: Address;
  @IsArray() @ValidateNested({ each: true }) @Type(() => Address) suggestedAddresses!: Address[];
  @IsOptional() @IsString() validationMessage!: string | null;
  @IsIn(Object.values(AddressValidationStatus)) addressValidationStatus!: number;
}
