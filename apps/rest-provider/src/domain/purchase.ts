import { hash } from 'node:crypto';
import { PartNumber } from '@isthmus/domain';

/** What a client wants to buy, of all it sent. */
export interface Purchase {
  customerId: string;
  /** As it is printed; compared without case. */
  partNumber: string;
  quantity: number;
  /** A BillingCycleType. */
  frequency: number | null;
  name: string | null;
  friendlyName: string | null;
  autoRenew: boolean | null;
}

/**
 * The same for a repetition and another for a genuine second purchase. Dates and prices are left out: a client that tries
 * again may send the time of trying, or a price read anew.
 */
export function keyOfPurchase(purchase: Purchase): string {
  const partNumber = PartNumber.key(PartNumber.parse(purchase.partNumber));
  return digest({ ...purchase, partNumber });
}

/** What is to become of a subscription; what is left out stays. */
export interface Change {
  quantity?: number;
  autoRenew?: boolean;
  cancel?: true;
  /** The entry's id, where the subscription has several lines: the same total of another line is another change. */
  entryId?: string;
}

export const keyOfChange = (subscriptionId: string, change: Change): string =>
  digest({ subscriptionId, ...change });

/** Members in the order of their names, so that the order they were written in does not count. */
const digest = (facts: object): string =>
  hash('sha256', JSON.stringify(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1))), 'base64url');
