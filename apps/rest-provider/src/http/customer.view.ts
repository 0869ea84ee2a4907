import type { ProviderAccountV1 } from '@isthmus/contracts';
import type { Contact, Customer } from './customer.dto.ts';
import { noModel } from './model.dto.ts';

/** A provider account as the contract's Customer. CMP tells neither when it was made nor its language. */
export function showCustomer(account: ProviderAccountV1): Customer {
  const { address } = account;
  return {
    ...noModel,
    id: account.providerAccountId,
    name: account.name,
    email: account.email ?? null,
    language: null,
    culture: null,
    defaultAddress: address
      ? {
          ...noModel,
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
    contact: contactOf(account),
  };
}

/** First and last name are kept together, with a blank between: the first blank is taken for it. */
function contactOf({ contactName, email }: ProviderAccountV1): Contact | null {
  if (!contactName && !email) return null;
  const [, firstName = null, lastName = null] = /^(\S+)(?:\s+(.+))?$/.exec(contactName ?? '') ?? [];
  return {
    ...noModel,
    name: contactName ?? null,
    firstName,
    lastName,
    phoneNumber: null,
    email: email ?? null,
  };
}
