import { hash } from 'node:crypto';
import type { NewAddressV1, NewContactV1 } from '@isthmus/contracts';

/** A customer to be made at CMP, with everything CMP demands of one. */
export interface NewCustomer {
  name: string;
  address: NewAddressV1;
  contact: NewContactV1;
  /** Such as `en_US`. */
  language: string;
  taxRegId?: string;
  customDomain?: string;
}

/**
 * The same for equal customers of one connector, in the form of a UUID: a customer is a thing of which there is one, so
 * that an equal request is a repetition however late it comes.
 */
export function keyOfCustomer(
  { tenantId, connectorId }: { tenantId: string; connectorId: string },
  { name, address, contact }: NewCustomer,
): string {
  const facts = [tenantId, connectorId, name, address.countryCode, address.postalCode, contact.email];
  const hex = hash('sha256', JSON.stringify(facts.map((fact) => fact.trim().toLowerCase())), 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
