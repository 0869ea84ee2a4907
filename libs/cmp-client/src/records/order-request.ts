import type { CmpParameter } from './parameter.ts';
import type { CmpPeriod } from './period.ts';

export interface CmpOrderRequestLine {
  mpn: string;
  vendor?: string;
  id?: string;
  /** Of a change order: the new total (assumption `changeQuantityIsTotal`). */
  quantity: number;
  /** Of a change order. */
  subscriptionId?: string;
  billingPeriod?: CmpPeriod;
  subscriptionPeriod?: CmpPeriod;
  parameters?: CmpParameter[];
}

/** An order to estimate or to place. */
export interface CmpOrderRequest {
  type: 'sales' | 'change' | 'renewal' | 'cancellation';
  customerId: string;
  /** The only text of ours that CMP keeps and shows; it cannot be searched for. */
  poNumber?: string;
  /** Of a cancellation or renewal. */
  subscriptionId?: string;
  subscriptionPeriod?: CmpPeriod;
  scheduledOn?: 'renewal';
  attributes?: Record<string, string>;
  products?: CmpOrderRequestLine[];
}
