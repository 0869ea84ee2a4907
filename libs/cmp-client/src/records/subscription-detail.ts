import type { Money } from '@isthmus/domain';
import { list, optionalId, optionalMoney, optionalText, quantity, text, type Row } from './fields.ts';
import { readParameter, type CmpParameter } from './parameter.ts';
import { readSubscription, type CmpSubscription } from './subscription.ts';

export interface CmpSubscriptionProduct {
  mpn: string;
  vendor?: string;
  id?: string;
  name?: string;
  /** Seats. */
  quantity: number;
  unitPrice?: Money;
  unitCost?: Money;
  unitProviderCost?: Money;
  extendedPrice?: Money;
  /** The vendor's own id, at Microsoft a GUID. */
  vendorSubscriptionId?: string;
}

/** Almost always one product; none for Azure reservations, savings plans and some of CMP's own plans. */
export interface CmpSubscriptionDetail extends CmpSubscription {
  planId?: string;
  totalPrice?: Money;
  totalSubscriptionPrice?: Money;
  totalSubscriptionCost?: Money;
  products: CmpSubscriptionProduct[];
  orderParameters: CmpParameter[];
  /** Holds the tenant: `ms_customer_id`. */
  fulfillmentParameters: CmpParameter[];
}

export const readSubscriptionDetail = (row: Row): CmpSubscriptionDetail => ({
  ...readSubscription(row),
  planId: optionalId(row, 'planId'),
  totalPrice: optionalMoney(row, 'totalPrice'),
  totalSubscriptionPrice: optionalMoney(row, 'totalSubscriptionPrice'),
  totalSubscriptionCost: optionalMoney(row, 'totalSubscriptionCost'),
  products: list(row, 'products', readSubscriptionProduct),
  orderParameters: list(row, 'orderParameters', readParameter),
  fulfillmentParameters: list(row, 'fulfillmentParameters', readParameter),
});

const readSubscriptionProduct = (row: Row): CmpSubscriptionProduct => ({
  mpn: text(row, 'mpn'),
  vendor: optionalText(row, 'vendor'),
  id: optionalId(row, 'id'),
  name: optionalText(row, 'name'),
  quantity: quantity(row, 'quantity'),
  unitPrice: optionalMoney(row, 'unitPrice'),
  unitCost: optionalMoney(row, 'unitCost'),
  unitProviderCost: optionalMoney(row, 'unitProviderCost'),
  extendedPrice: optionalMoney(row, 'extendedPrice'),
  vendorSubscriptionId: optionalText(row, 'vendorSubscriptionId'),
});
