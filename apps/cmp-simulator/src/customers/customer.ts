import type { Wire } from '../wire/simple-api.ts';

/** A customer as the world stores it: CMP's response, where the id is always present. */
export type CustomerState = Wire<'Customer'> & { id: string };

/** A Microsoft tenant of a customer, as it appears in the parameters of its subscriptions; never on the customer itself. */
export interface Tenant {
  domain: string;
  tenantId: string;
}
