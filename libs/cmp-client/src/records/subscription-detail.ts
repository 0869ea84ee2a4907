import type { Money } from '@isthmus/domain';
import {
  code,
  FieldProblem,
  LenientReading,
  list,
  longestName,
  mostSeats,
  optionalCode,
  optionalId,
  optionalText,
  seats,
  type Row,
  type UnreadField,
} from './fields.ts';
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
  /** Sums that could not be read; without them the record still tells seats, status and dates. Absent when all were. */
  unread?: readonly UnreadField[];
}

/** An event tells all of them, and a message has a largest size. */
const mostProducts = 1_000;

export function readSubscriptionDetail(row: Row): CmpSubscriptionDetail {
  const reading = new LenientReading();
  const detail: CmpSubscriptionDetail = {
    ...readSubscription(row),
    planId: optionalId(row, 'planId', 255),
    totalPrice: reading.sum(row, 'totalPrice'),
    totalSubscriptionPrice: reading.sum(row, 'totalSubscriptionPrice'),
    totalSubscriptionCost: reading.sum(row, 'totalSubscriptionCost'),
    products: reading.list(row, 'products', readSubscriptionProduct),
    orderParameters: list(row, 'orderParameters', readParameter),
    fulfillmentParameters: list(row, 'fulfillmentParameters', readParameter),
  };
  reading.requireFacts();
  if (detail.products.length > mostProducts)
    throw new FieldProblem(
      'products',
      `are ${detail.products.length}, more than the ${mostProducts} that can be told`,
    );
  const all = detail.products.reduce((sum, product) => sum + product.quantity, 0);
  if (all > mostSeats)
    throw new FieldProblem('products', `have ${all} seats together, more than can be kept`);
  return reading.unread.length ? { ...detail, unread: reading.unread } : detail;
}

const readSubscriptionProduct = (row: Row, reading: LenientReading): CmpSubscriptionProduct => ({
  mpn: code(row, 'mpn'),
  vendor: optionalCode(row, 'vendor'),
  id: optionalId(row, 'id', 255),
  name: optionalText(row, 'name', longestName),
  quantity: seats(row, 'quantity'),
  unitPrice: reading.sum(row, 'unitPrice'),
  unitCost: reading.sum(row, 'unitCost'),
  unitProviderCost: reading.sum(row, 'unitProviderCost'),
  extendedPrice: reading.sum(row, 'extendedPrice'),
  vendorSubscriptionId: optionalCode(row, 'vendorSubscriptionId'),
});
