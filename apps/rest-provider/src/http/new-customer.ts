import { invalidInput, type FieldError } from '@isthmus/service-kit';
import { isEmail } from 'class-validator';
import { addressFaults, countryCodeOf } from '../domain/address-faults.ts';
import { languageOf } from '../domain/country-rules.ts';
import { fullDomain } from '../domain/domain-name.ts';
import type { NewCustomer } from '../domain/new-customer.ts';
import { phoneForCmp, type PhoneFormat } from '../domain/phone-number.ts';
import type { SentCustomer } from './customer.dto.ts';

/** What a client's body means. @throws Problem 400 with everything that CMP needs and is missing or wrong */
export function newCustomerOf(body: SentCustomer, phoneFormat: PhoneFormat): NewCustomer {
  const { name, defaultAddress, contact, email, domain, organizationRegistrationNumber } = body;
  const errors: FieldError[] = [];
  const need = (field: string, value: string | null | undefined): string => {
    if (!value) errors.push({ field, message: `${field} is needed by CMP` });
    return value ?? '';
  };
  const country = countryCodeOf(defaultAddress?.country) ?? '';
  const faults = defaultAddress ? addressFaults(defaultAddress) : { country: 'is needed by CMP' };
  for (const [field, message] of Object.entries(faults))
    errors.push({ field: `defaultAddress.${field}`, message: `${field} ${message}` });
  const mail = need('contact.email', contact?.email ?? email);
  if (mail && !isEmail(mail)) errors.push({ field: 'contact.email', message: 'email is no e-mail address' });
  const phone = need('contact.phoneNumber', contact?.phoneNumber);
  const phoneNumber = phone && phoneForCmp(phone, country, phoneFormat);
  if (phoneNumber === null)
    errors.push({
      field: 'contact.phoneNumber',
      message: `phoneNumber "${phone}" cannot be a phone number in ${country || 'an unknown country'}; write it with the country's code, such as +1 949 555 1234`,
    });
  const customDomain = domain ? fullDomain(domain) : undefined;
  if (customDomain === null)
    errors.push({
      field: 'domain',
      message: 'domain must be 1 to 27 letters and digits, or x.onmicrosoft.com',
    });
  const customer: NewCustomer = {
    name: need('name', name),
    address: {
      streetAddress: defaultAddress?.addressLine1 ?? '',
      addressExtension: defaultAddress?.addressLine2 ?? undefined,
      postalCode: defaultAddress?.postalOrZipCode ?? '',
      city: defaultAddress?.city ?? '',
      state: defaultAddress?.regionOrState ?? undefined,
      countryCode: country,
    },
    contact: {
      firstName: need('contact.firstName', contact?.firstName),
      lastName: need('contact.lastName', contact?.lastName),
      email: mail,
      phoneNumber: phoneNumber ?? '',
    },
    language: languageOf(body.culture ?? body.language, country),
    taxRegId: organizationRegistrationNumber ?? undefined,
    customDomain: customDomain ?? undefined,
  };
  if (errors.length > 0) throw invalidInput(errors);
  return customer;
}
