import type { Money } from '@isthmus/domain';
import {
  list,
  optionalId,
  optionalMoney,
  optionalNested,
  optionalQuantity,
  optionalText,
  quantity,
  type Row,
} from './fields.ts';
import { readOrder, type CmpOrder } from './order.ts';
import { readParameter, type CmpParameter } from './parameter.ts';
import { readPeriod, type CmpPeriod } from './period.ts';

export interface CmpOrderLine {
  mpn?: string;
  vendor?: string;
  id?: string;
  name?: string;
  /** Of a change order: the signed difference, but the new total when the order is scheduled for renewal. */
  quantity: number;
  subscriptionId?: string;
  /** Of an upgrade: what the product becomes. */
  newMpn?: string;
  newId?: string;
  billingPeriod?: CmpPeriod;
  subscriptionPeriod?: CmpPeriod;
  unitPrice?: Money;
  unitCost?: Money;
  extendedPrice?: Money;
  extendedCost?: Money;
  parameters: CmpParameter[];
}

/** What the order charges or refunds. */
export interface CmpOrderCharge {
  /** Such as `recurring`, `recurringRefund`, `setup`, `cancellation`. */
  type?: string;
  mpn?: string;
  productId?: string;
  /** Holds the dates covered, in words. */
  description?: string;
  quantity?: number;
  unitPrice?: Money;
  extendedPrice?: Money;
  taxAmount?: Money;
}

/** Renewal and cancellation orders have neither products nor details. */
export interface CmpOrderDetail extends CmpOrder {
  subscriptionId?: string;
  targetSubscriptionId?: string;
  /** `renewal` when it waits for the end of the term. */
  scheduledOn?: string;
  products: CmpOrderLine[];
  details: CmpOrderCharge[];
}

export const readOrderDetail = (row: Row): CmpOrderDetail => ({
  ...readOrder(row),
  subscriptionId: optionalId(row, 'subscriptionId'),
  targetSubscriptionId: optionalId(row, 'targetSubscriptionId'),
  scheduledOn: optionalText(row, 'scheduledOn'),
  products: list(row, 'products', readOrderLine),
  details: list(row, 'details', readOrderCharge),
});

export const readOrderLine = (row: Row): CmpOrderLine => ({
  mpn: optionalText(row, 'mpn'),
  vendor: optionalText(row, 'vendor'),
  id: optionalId(row, 'id'),
  name: optionalText(row, 'name'),
  quantity: quantity(row, 'quantity'),
  subscriptionId: optionalId(row, 'subscriptionId'),
  newMpn: optionalText(row, 'newMPN'),
  newId: optionalId(row, 'newId'),
  billingPeriod: optionalNested(row, 'billingPeriod', readPeriod),
  subscriptionPeriod: optionalNested(row, 'subscriptionPeriod', readPeriod),
  unitPrice: optionalMoney(row, 'unitPrice'),
  unitCost: optionalMoney(row, 'unitCost'),
  extendedPrice: optionalMoney(row, 'extendedPrice'),
  extendedCost: optionalMoney(row, 'extendedCost'),
  parameters: list(row, 'parameters', readParameter),
});

export const readOrderCharge = (row: Row): CmpOrderCharge => ({
  type: optionalText(row, 'type'),
  mpn: optionalText(row, 'mpn'),
  productId: optionalId(row, 'productId'),
  description: optionalText(row, 'description'),
  quantity: optionalQuantity(row, 'quantity'),
  unitPrice: optionalMoney(row, 'unitPrice'),
  extendedPrice: optionalMoney(row, 'extendedPrice'),
  taxAmount: optionalMoney(row, 'taxAmount'),
});
