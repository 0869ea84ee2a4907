import { Controller, Get, Param, UseInterceptors } from '@nestjs/common';
import { AllowApiKey, Describe, notFound } from '@isthmus/service-kit';
import { countryCodeOf } from '../domain/address-faults.ts';
import { statesOf, usualLanguage } from '../domain/country-rules.ts';
import { ValidationRulesForCountry } from './country-rules.dto.ts';
import { SpeakWork365 } from './work365.interceptor.ts';

@AllowApiKey()
@UseInterceptors(SpeakWork365)
@Controller('countries')
export class CountriesController {
  /** City and postal code are CMP's own demands, in every country. */
  @Get(':countrycode/validation-rules')
  @Describe('Which fields of a customer CMP needs in a country.', { returns: ValidationRulesForCountry })
  rules(@Param('countrycode') text: string): ValidationRulesForCountry {
    const country = countryCodeOf(text);
    if (!country) throw notFound('country', text);
    const language = usualLanguage(country);
    const states = statesOf(country);
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
