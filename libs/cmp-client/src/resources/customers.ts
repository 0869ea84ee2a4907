import { FieldProblem, type Row } from '../records/fields.ts';
import {
  readCustomer,
  type CmpAddress,
  type CmpContact,
  type CmpCustomer,
  type CmpCustomerStatus,
} from '../records/customer.ts';
import { writing, type CallOptions, type PageQuery, type Sender } from './sender.ts';

export interface CustomerQuery extends PageQuery {
  /** Similar names match. */
  name?: string;
  /** Of the contact person. */
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
   * Not repeated on failure: look for the name before creating it again. An answer of which only the id can be read is enough: the rest
   * is what was sent.
   */
  create(customer: NewCustomer, options?: CallOptions): Promise<CmpCustomer> {
    const { writeTimeoutSeconds } = this.sender.session.assumptions;
    return this.sender.one(
      writing('customers.create', 'POST', '/customers', customer, writeTimeoutSeconds, options),
      (row) => readCreated(row, customer),
    );
  }

  update(id: string, change: CustomerChange, options?: CallOptions): Promise<CmpCustomer> {
    const { writeTimeoutSeconds } = this.sender.session.assumptions;
    const path = `/customers/${encodeURIComponent(id)}`;
    return this.sender.one(
      writing('customers.update', 'PATCH', path, change, writeTimeoutSeconds, options),
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
