import {
  attributes,
  FieldProblem,
  id,
  list,
  maxNameLength,
  optionalId,
  optionalNested,
  optionalText,
  type Row,
  text,
  word,
} from '../records/fields.ts';
import { type CallOptions, type PageQuery, type Sender, writeRequest } from './sender.ts';

export interface CustomerQuery extends PageQuery {
  /** Similar names match. */
  name?: string;
  /** E-mail address of the contact person. */
  email?: string;
  externalId?: string;
}

export interface NewCustomer {
  name: string;
  address: CmpAddress & { streetAddress: string; postalCode: string; city: string; countryCode: string };
  contactPersons: CmpContact[];
  /** Such as `en_US`. */
  language: string;
  externalId?: string;
  taxRegId?: string;
  attributes?: Record<string, string>;
}

export interface CustomerChange {
  name?: string;
  externalId?: string;
  taxRegId?: string;
  status?: Exclude<CmpCustomerStatus, 'unknown'>;
  address?: CmpAddress;
  contactPersons?: CmpContact[];
}

/** Provider accounts. */
export class Customers {
  constructor(private readonly sender: Sender) {}

  page(query: CustomerQuery = {}, options?: CallOptions) {
    return this.sender.page('customers.page', '/customers', { ...query }, readCustomer, options);
  }

  get(id: string, options?: CallOptions): Promise<CmpCustomer> {
    return this.sender.get('customers.get', `/customers/${encodeURIComponent(id)}`, readCustomer, options);
  }

  /**
   * Not repeated on failure: search for the name before creating it again. A response of which only the id can be read is
   * enough, because the rest is what was sent.
   */
  create(customer: NewCustomer, options?: CallOptions): Promise<CmpCustomer> {
    const { writeTimeoutSeconds } = this.sender.session.assumptions;
    return this.sender.one(
      writeRequest('customers.create', 'POST', '/customers', customer, writeTimeoutSeconds, options),
      (row) => readCreated(row, customer),
    );
  }

  update(id: string, change: CustomerChange, options?: CallOptions): Promise<CmpCustomer> {
    const { writeTimeoutSeconds } = this.sender.session.assumptions;
    const path = `/customers/${encodeURIComponent(id)}`;
    return this.sender.one(
      writeRequest('customers.update', 'PATCH', path, change, writeTimeoutSeconds, options),
      readCustomer,
    );
  }
}

function readCreated(row: Row, sent: NewCustomer): CmpCustomer {
  try {
    return readCustomer(row);
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    return readCustomer({ ...sent, id: row.id });
  }
}

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
  name: text(row, 'name', maxNameLength),
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
  streetAddress: optionalText(row, 'streetAddress', maxNameLength),
  addressExtension: optionalText(row, 'addressExtension', maxNameLength),
  postalCode: optionalText(row, 'postalCode', 50),
  city: optionalText(row, 'city', 200),
  state: optionalText(row, 'state', 200),
  countryCode: optionalText(row, 'countryCode', 10),
});

const readContact = (row: Row): CmpContact => ({
  type: text(row, 'type'),
  firstName: optionalText(row, 'firstName'),
  lastName: optionalText(row, 'lastName'),
  email: optionalText(row, 'email', maxNameLength),
  phoneNumber: optionalText(row, 'phoneNumber'),
});

export interface ResellerQuery extends PageQuery {
  name?: string;
  email?: string;
  externalId?: string;
}

export class Resellers {
  constructor(private readonly sender: Sender) {}

  page(query: ResellerQuery = {}, options?: CallOptions) {
    return this.sender.page('resellers.page', '/resellers', { ...query }, readReseller, options);
  }
}

/** The calling reseller or one below it. */
export interface CmpReseller {
  id: string;
  name: string;
  externalId?: string;
  status?: string;
  currency?: string;
}

export const readReseller = (row: Row): CmpReseller => ({
  id: id(row, 'id'),
  name: text(row, 'name'),
  externalId: optionalText(row, 'externalId'),
  status: optionalText(row, 'status'),
  currency: optionalText(row, 'currency'),
});
