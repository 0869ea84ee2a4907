import { optionalDay } from './dates.ts';
import {
  attributes,
  id,
  longestName,
  optionalBoolean,
  optionalNested,
  optionalText,
  word,
  type Row,
} from './fields.ts';
import { readPeriod, type CmpPeriod } from './period.ts';

const statuses = new Set(['pending', 'active', 'hold', 'terminated', 'removed', 'unknown'] as const);

export type CmpSubscriptionStatus = 'pending' | 'active' | 'hold' | 'terminated' | 'removed' | 'unknown';

/** A subscription as lists show it: without quantity and products, which only the detail has. Dates are `YYYY-MM-DD`. */
export interface CmpSubscription {
  id: string;
  name?: string;
  customerId: string;
  status: CmpSubscriptionStatus;
  attributes: Record<string, string>;
  /** Whether it renews by itself. */
  renewalStatus?: boolean;
  creationDate?: string;
  renewalDate?: string;
  lastModifiedDate?: string;
  /** The end of the term; may be absent while pending, and far in the future for perpetual licences. */
  expirationDate?: string;
  billingModel?: string;
  billingPeriod?: CmpPeriod;
  subscriptionPeriod?: CmpPeriod;
}

export const readSubscription = (row: Row): CmpSubscription => ({
  id: id(row, 'id'),
  name: optionalText(row, 'name', longestName),
  customerId: id(row, 'customerId'),
  status: word(row, 'status', statuses),
  attributes: attributes(row, 'attributes'),
  renewalStatus: optionalBoolean(row, 'renewalStatus'),
  creationDate: optionalDay(row, 'creationDate'),
  renewalDate: optionalDay(row, 'renewalDate'),
  lastModifiedDate: optionalDay(row, 'lastModifiedDate'),
  expirationDate: optionalDay(row, 'expirationDate'),
  billingModel: optionalText(row, 'billingModel'),
  billingPeriod: optionalNested(row, 'billingPeriod', readPeriod),
  subscriptionPeriod: optionalNested(row, 'subscriptionPeriod', readPeriod),
});
