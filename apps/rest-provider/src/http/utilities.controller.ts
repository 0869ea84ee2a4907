import { Controller, Get, HttpCode, Param, Post, UseInterceptors } from '@nestjs/common';
import { Asker } from '@isthmus/messaging';
import { AllowApiKey, CurrentKey, Describe, invalidInput } from '@isthmus/service-kit';
import { allAccounts } from '../commands/ask-all.ts';
import { addressFaults } from '../domain/address-faults.ts';
import { fullDomain } from '../domain/domain-name.ts';
import { AddressValidationStatus } from '../domain/wire-enums.ts';
import { SentAddress } from './customer.dto.ts';
import { noModel } from './model.dto.ts';
import { AddressValidation, ProviderProperties } from './utilities.dto.ts';
import { WireBody } from './wire-body.ts';
import { Work365Client } from './work365-client.ts';
import { SpeakWork365 } from './work365.interceptor.ts';

@AllowApiKey()
@UseInterceptors(SpeakWork365)
@Controller('utilities')
export class UtilitiesController {
  constructor(private readonly asker: Asker) {}

  /** Addresses are only checked for what CMP would refuse; nobody here knows whether one exists. */
  @Get('provider-properties')
  @Describe('What this provider can do.', { returns: ProviderProperties })
  properties(): ProviderProperties {
    return {
      supportsAgreementConfirmation: true,
      supportsAddressVerification: false,
      supportsCustomerCreation: true,
    };
  }

  @Get('domain-check/:domain')
  @Describe(
    'false when a customer of the connector has the domain; whether anybody else has, CMP says when it is used.',
  )
  async domainCheck(@CurrentKey() client: Work365Client, @Param('domain') text: string): Promise<boolean> {
    const domain = fullDomain(text);
    if (!domain)
      throw invalidInput([{ field: 'domain', message: 'domain must be 1 to 27 letters and digits' }]);
    const accounts = await allAccounts(this.asker, client);
    return !accounts.some(({ customDomain }) => customDomain?.toLowerCase() === domain);
  }

  @Post('validate-address')
  @HttpCode(200)
  @Describe('Whether CMP would take an address; whether it exists cannot be told.', {
    takes: SentAddress,
    returns: AddressValidation,
  })
  validateAddress(@WireBody(SentAddress) address: SentAddress): AddressValidation {
    const faults = Object.entries(addressFaults(address)).map(([field, message]) => `${field} ${message}`);
    const wrong = faults.length > 0;
    return {
      originalAddress: {
        ...noModel,
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
      validationMessage: wrong
        ? `${faults.join('; ')}.`
        : 'CMP would take this address. Whether it exists was not checked: nothing here knows.',
      addressValidationStatus: wrong
        ? AddressValidationStatus.Error
        : AddressValidationStatus.CouldNotValidate,
    };
  }
}
