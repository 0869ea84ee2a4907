import {
  attributes,
  id,
  list,
  longestName,
  optionalId,
  optionalNested,
  optionalText,
  text,
  word,
  type Row,
} from './fields.ts';

const statuses = new Set(['pending', 'active', 'creditHold', 'adminHold', 'cancelled', 'error'] as const);

export type CmpCustomerStatus =
  'pending' | 'active' | 'creditHold' | 'adminHold' | 'cancelled' | 'error' | 'unknown';

export interface CmpAddress {
  streetAddress?: string;
  addressExtension?: string;
  postalCode?: string;
  city?: string;
  state?: string;
  /** ISO 3166-1 alpha-2. */
  countryCode?: string;
}

export interface CmpContact {
  /** `admin`, `billing` or `technical`. */
  type: string;
  firstName?: string;
  lastName?: string;
  email?: string;
  /** E.164 split by `#`: country, area, number, extension. */
  phoneNumber?: string;
}

/** A provider account: a customer of the calling reseller. Lists and details have the same fields. */
export interface CmpCustomer {
  id: string;
  name: string;
  status: CmpCustomerStatus;
  externalId?: string;
  resellerId?: string;
  attributes: Record<string, string>;
  address?: CmpAddress;
  contactPersons: CmpContact[];
  language?: string;
  taxRegId?: string;
}

export const readCustomer = (row: Row): CmpCustomer => ({
  id: id(row, 'id'),
  name: text(row, 'name', longestName),
  status: row.status == null ? 'active' : word(row, 'status', statuses),
  externalId: optionalText(row, 'externalId', 255),
  resellerId: optionalId(row, 'resellerId'),
  attributes: attributes(row, 'attributes'),
  address: optionalNested(row, 'address', readAddress),
  contactPersons: list(row, 'contactPersons', readContact),
  language: optionalText(row, 'language'),
  taxRegId: optionalText(row, 'taxRegId', 200),
});

const readAddress = (row: Row): CmpAddress => ({
  streetAddress: optionalText(row, 'streetAddress', longestName),
  addressExtension: optionalText(row, 'addressExtension', longestName),
  postalCode: optionalText(row, 'postalCode', 50),
  city: optionalText(row, 'city', 200),
  state: optionalText(row, 'state', 200),
  countryCode: optionalText(row, 'countryCode', 10),
});

const readContact = (row: Row): CmpContact => ({
  type: text(row, 'type'),
  firstName: optionalText(row, 'firstName'),
  lastName: optionalText(row, 'lastName'),
  email: optionalText(row, 'email', longestName),
  phoneNumber: optionalText(row, 'phoneNumber'),
});
