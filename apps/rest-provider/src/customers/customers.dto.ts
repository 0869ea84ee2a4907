import type { ProviderAccountV1 } from '@isthmus/contracts';
import { type FieldError, invalidInput, OrNull } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import { isEmail, IsOptional, IsString, ValidateNested } from 'class-validator';
import { emptyModel, Model, SentModel, WireText } from '../work365/model.dto.ts';
import {
  addressProblems,
  cmpLanguage,
  formatPhoneForCmp,
  parseCountryCode,
  parseMicrosoftDomain,
  type PhoneFormat,
} from './customer-rules.ts';
import type { NewCustomer } from './customers.service.ts';

export class Address extends Model {
  /** ISO 3166-1 alpha-2. */
  @OrNull() @IsString() country!: string | null;
  @OrNull() @IsString() city!: string | null;
  @OrNull() @IsString() regionOrState!: string | null;
  @OrNull() @IsString() addressLine1!: string | null;
  @OrNull() @IsString() addressLine2!: string | null;
  @OrNull() @IsString() postalOrZipCode!: string | null;
}

export class Contact extends Model {
  @OrNull() @IsString() firstName!: string | null;
  @OrNull() @IsString() lastName!: string | null;
  @OrNull() @IsString() phoneNumber!: string | null;
  @OrNull() @IsString() email!: string | null;
}

class UserCredentials extends Model {
  @OrNull() @IsString() userName!: string | null;
  @OrNull() @IsString() password!: string | null;
}

export class Customer extends Model {
  @OrNull() @IsString() email!: string | null;
  @OrNull() @IsString() language!: string | null;
  @OrNull() @IsString() culture!: string | null;
  @OrNull() @ValidateNested() @Type(() => Address) defaultAddress!: Address | null;
  /** `x.onmicrosoft.com`. */
  @OrNull() @IsString() domain!: string | null;
  @OrNull() @IsString() organizationRegistrationNumber!: string | null;
  /** CMP creates none. */
  @OrNull() @ValidateNested() @Type(() => UserCredentials) userCredentials!: UserCredentials | null;
  @OrNull() @ValidateNested() @Type(() => Contact) contact!: Contact | null;
}

/** An address as a client sends it. */
export class SentAddress extends SentModel {
  @WireText(100) country?: string | null;
  @WireText(200) city?: string | null;
  @WireText(200) regionOrState?: string | null;
  @WireText(500) addressLine1?: string | null;
  @WireText(500) addressLine2?: string | null;
  @WireText(50) postalOrZipCode?: string | null;
}

export class SentContact extends SentModel {
  @WireText(200) firstName?: string | null;
  @WireText(200) lastName?: string | null;
  @WireText(50) phoneNumber?: string | null;
  @WireText(320) email?: string | null;
}

/** A customer as a client sends it. */
export class SentCustomer extends SentModel {
  @WireText(320) email?: string | null;
  @WireText(20) language?: string | null;
  @WireText(20) culture?: string | null;
  @IsOptional() @ValidateNested() @Type(() => SentAddress) defaultAddress?: SentAddress | null;
  @WireText(255) domain?: string | null;
  @WireText(200) organizationRegistrationNumber?: string | null;
  @IsOptional() @ValidateNested() @Type(() => SentContact) contact?: SentContact | null;
}

/** A provider account as the contract's Customer. CMP shows neither its creation date nor its language. */
export function toCustomer(account: ProviderAccountV1): Customer {
  const { address } = account;
  return {
    ...emptyModel,
    id: account.providerAccountId,
    name: account.name,
    email: account.email ?? null,
    language: null,
    culture: null,
    defaultAddress: address
      ? {
          ...emptyModel,
          country: address.countryCode ?? null,
          city: address.city ?? null,
          regionOrState: address.state ?? null,
          addressLine1: address.streetAddress ?? null,
          addressLine2: address.addressExtension ?? null,
          postalOrZipCode: address.postalCode ?? null,
        }
      : null,
    domain: account.customDomain ?? null,
    organizationRegistrationNumber: account.taxRegId ?? null,
    userCredentials: null,
    contact: toContact(account),
  };
}

/** First and last name are stored as one text: it is split at the first blank. */
function toContact({ contactName, email }: ProviderAccountV1): Contact | null {
  if (!contactName && !email) return null;
  const [, firstName = null, lastName = null] = /^(\S+)(?:\s+(.+))?$/.exec(contactName ?? '') ?? [];
  return {
    ...emptyModel,
    name: contactName ?? null,
    firstName,
    lastName,
    phoneNumber: null,
    email: email ?? null,
  };
}

/** @throws Problem 400 with everything that CMP requires and that is missing or wrong */
export function parseNewCustomer(body: SentCustomer, phoneFormat: PhoneFormat): NewCustomer {
  const { name, defaultAddress, contact, email, domain, organizationRegistrationNumber } = body;
  const errors: FieldError[] = [];
  const required = (field: string, value: string | null | undefined): string => {
    if (!value) errors.push({ field, message: `${field} is required by CMP` });
    return value ?? '';
  };
  const country = parseCountryCode(defaultAddress?.country) ?? '';
  const problems = defaultAddress ? addressProblems(defaultAddress) : { country: 'is required by CMP' };
  for (const [field, message] of Object.entries(problems))
    errors.push({ field: `defaultAddress.${field}`, message: `${field} ${message}` });
  const mail = required('contact.email', contact?.email ?? email);
  if (mail && !isEmail(mail))
    errors.push({ field: 'contact.email', message: 'email is not an e-mail address' });
  const phone = required('contact.phoneNumber', contact?.phoneNumber);
  const phoneNumber = phone && formatPhoneForCmp(phone, country, phoneFormat);
  if (phoneNumber === null)
    errors.push({
      field: 'contact.phoneNumber',
      message: `phoneNumber "${phone}" is not a phone number in ${country || 'an unknown country'}; include the country code, such as +1 949 555 1234`,
    });
  const customDomain = domain ? parseMicrosoftDomain(domain) : undefined;
  if (customDomain === null)
    errors.push({
      field: 'domain',
      message: 'domain must be 1 to 27 letters and digits, or x.onmicrosoft.com',
    });
  const customer: NewCustomer = {
    name: required('name', name),
    address: {
      streetAddress: defaultAddress?.addressLine1 ?? '',
      addressExtension: defaultAddress?.addressLine2 ?? undefined,
      postalCode: defaultAddress?.postalOrZipCode ?? '',
      city: defaultAddress?.city ?? '',
      state: defaultAddress?.regionOrState ?? undefined,
      countryCode: country,
    },
    contact: {
      firstName: required('contact.firstName', contact?.firstName),
      lastName: required('contact.lastName', contact?.lastName),
      email: mail,
      phoneNumber: phoneNumber ?? '',
    },
    language: cmpLanguage(body.culture ?? body.language, country),
    taxRegId: organizationRegistrationNumber ?? undefined,
    customDomain: customDomain ?? undefined,
  };
  if (errors.length > 0) throw invalidInput(errors);
  return customer;
}
