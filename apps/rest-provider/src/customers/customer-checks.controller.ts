import { RequestClient } from '@isthmus/messaging';
import {
  AllowApiKey,
  CurrentApiKey,
  Describe,
  invalidInput,
  notFound,
  NotAudited,
  OrNull,
} from '@isthmus/service-kit';
import { Controller, Get, HttpCode, Param, Post, UseInterceptors } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsString, ValidateNested } from 'class-validator';
import { AddressValidationStatus } from '../work365/enums.ts';
import { emptyModel } from '../work365/model.dto.ts';
import { Work365Client } from '../work365/work365-client.ts';
import { WireBody, Work365Translation } from '../work365/work365.interceptor.ts';
import {
  addressProblems,
  mainLanguage,
  parseCountryCode,
  parseMicrosoftDomain,
  statesRequiredIn,
} from './customer-rules.ts';
import { Address, SentAddress } from './customers.dto.ts';
import { listAccounts } from './customers.service.ts';

class ProviderProperties {
  @IsBoolean() supportsAgreementConfirmation!: boolean;
  @IsBoolean() supportsAddressVerification!: boolean;
  @IsBoolean() supportsCustomerCreation!: boolean;
}

class AddressValidation {
  @ValidateNested() @Type(() => Address) originalAddress!: Address;
  @IsArray() @ValidateNested({ each: true }) @Type(() => Address) suggestedAddresses!: Address[];
  @OrNull() @IsString() validationMessage!: string | null;
  @IsIn(Object.values(AddressValidationStatus)) addressValidationStatus!: number;
}

/** The contract's ValidationRulesForCountry; null where the rule is unknown, and then nothing is required. */
class ValidationRulesForCountry {
  @OrNull() @IsString() defaultSupportedLanguage!: string | null;
  @OrNull() @IsString() defaultCulture!: string | null;
  @IsBoolean() isStateRequired!: boolean;
  @IsBoolean() isCityRequired!: boolean;
  @IsBoolean() isPostalCodeRequired!: boolean;
  @IsArray() @IsString({ each: true }) stateList!: string[];
  @OrNull() @IsString() phoneNumberRegex!: string | null;
  @OrNull() @IsString() postalCodeRegex!: string | null;
  @IsBoolean() isTaxIdSupported!: boolean;
  @IsBoolean() isVatIdSupported!: boolean;
  @OrNull() @IsString() vatIdRegex!: string | null;
  @OrNull() @IsString() taxIdFormat!: string | null;
  @IsBoolean() isTaxIdOptional!: boolean;
}

@AllowApiKey()
@UseInterceptors(Work365Translation)
@Controller('utilities')
export class UtilitiesController {
  constructor(private readonly requests: RequestClient) {}

  /** Addresses are only checked for what CMP would refuse, not for whether they exist. */
  @Get('provider-properties')
  @Describe('The capabilities of this provider.', { returns: ProviderProperties })
  properties(): ProviderProperties {
    return {
      supportsAgreementConfirmation: true,
      supportsAddressVerification: false,
      supportsCustomerCreation: true,
    };
  }

  @Get('domain-check/:domain')
  @Describe(
    'false if a customer of the connector has the domain; use of the domain by others is only detected when it is used at CMP.',
    { returns: 'boolean' },
  )
  async domainCheck(@CurrentApiKey() client: Work365Client, @Param('domain') text: string): Promise<boolean> {
    const domain = parseMicrosoftDomain(text);
    if (!domain)
      throw invalidInput([{ field: 'domain', message: 'domain must be 1 to 27 letters and digits' }]);
    const accounts = await listAccounts(this.requests, client);
    return !accounts.some(({ customDomain }) => customDomain?.toLowerCase() === domain);
  }

  @Post('validate-address')
  @HttpCode(200)
  @Describe('Whether CMP would accept an address; whether it exists is not checked.', {
    takes: SentAddress,
    returns: AddressValidation,
  })
  @NotAudited('It changes nothing.')
  validateAddress(@WireBody(SentAddress) address: SentAddress): AddressValidation {
    const problems = Object.entries(addressProblems(address)).map(
      ([field, message]) => `${field} ${message}`,
    );
    const invalid = problems.length > 0;
    return {
      originalAddress: {
        ...emptyModel,
        id: address.id ?? null,
        name: address.name ?? null,
        createdOn: address.createdOn ?? null,
        modifiedOn: address.modifiedOn ?? null,
        country: address.country ?? null,
        city: address.city ?? null,
        regionOrState: address.regionOrState ?? null,
        addressLine1: address.addressLine1 ?? null,
        addressLine2: address.addressLine2 ?? null,
        postalOrZipCode: address.postalOrZipCode ?? null,
      },
      suggestedAddresses: [],
      validationMessage: invalid
        ? `${problems.join('; ')}.`
        : 'CMP would accept this address. Whether it exists was not checked.',
      addressValidationStatus: invalid
        ? AddressValidationStatus.Error
        : AddressValidationStatus.CouldNotValidate,
    };
  }
}

@AllowApiKey()
@UseInterceptors(Work365Translation)
@Controller('countries')
export class CountriesController {
  /** CMP requires city and postal code in every country. */
  @Get(':countrycode/validation-rules')
  @Describe('The customer fields that CMP requires in a country.', { returns: ValidationRulesForCountry })
  rules(@Param('countrycode') text: string): ValidationRulesForCountry {
    const country = parseCountryCode(text);
    if (!country) throw notFound('country', text);
    const language = mainLanguage(country);
    const states = statesRequiredIn(country);
    return {
      defaultSupportedLanguage: language,
      defaultCulture: `${language}-${country}`,
      isStateRequired: states !== null,
      isCityRequired: true,
      isPostalCodeRequired: true,
      stateList: [...(states ?? [])],
      phoneNumberRegex: null,
      postalCodeRegex: null,
      isTaxIdSupported: true,
      isVatIdSupported: false,
      vatIdRegex: null,
      taxIdFormat: null,
      isTaxIdOptional: true,
    };
  }
}
