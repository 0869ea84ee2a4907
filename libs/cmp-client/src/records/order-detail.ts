import type { Money } from '@isthmus/domain';
import {
  LenientReading,
  list,
  optionalId,
  optionalNested,
  optionalQuantity,
  optionalText,
  quantity,
  type Row,
} from './fields.ts';
import { readOrderFacts, type CmpOrder } from './order.ts';
import { readParameter, type CmpParameter } from './parameter.ts';
import { readPeriod, type CmpPeriod } from './period.ts';

export interface CmpOrderLine {
  mpn?: string;
  vendor?: string;
  id?: string;
  name?: string;
  /** Of a change order: the signed difference, but the new total when the order is scheduled for renewal. NaN where it cannot be read. */
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

/** Only the id must be readable, see {@link readOrderFacts}. */
export function readOrderDetail(row: Row): CmpOrderDetail {
  const reading = new LenientReading();
  const detail: CmpOrderDetail = {
    ...readOrderFacts(row, reading),
    subscriptionId: reading.fact(() => optionalId(row, 'subscriptionId')),
    targetSubscriptionId: reading.fact(() => optionalId(row, 'targetSubscriptionId')),
    scheduledOn: reading.fact(() => optionalText(row, 'scheduledOn')),
    products: reading.list(row, 'products', readOrderLine),
    details: reading.list(row, 'details', readOrderCharge, true),
  };
  return reading.unread.length ? { ...detail, unread: reading.unread } : detail;
}

/** The first thing beside money that could not be read of an order, in words; nothing when all of it was. */
export function unreadFact({ unread = [] }: Pick<CmpOrder, 'unread'>): string | undefined {
  const found = unread.find(({ sum }) => !sum);
  return found && `${found.field}: ${found.reason}`;
}

export const readOrderLine = (row: Row, reading: LenientReading): CmpOrderLine => ({
  mpn: optionalText(row, 'mpn'),
  vendor: optionalText(row, 'vendor'),
  id: optionalId(row, 'id', 255),
  name: optionalText(row, 'name'),
  quantity: reading.fact(() => quantity(row, 'quantity')) ?? NaN,
  subscriptionId: optionalId(row, 'subscriptionId'),
  newMpn: optionalText(row, 'newMPN'),
  newId: optionalId(row, 'newId'),
  billingPeriod: optionalNested(row, 'billingPeriod', readPeriod),
  subscriptionPeriod: optionalNested(row, 'subscriptionPeriod', readPeriod),
  unitPrice: reading.sum(row, 'unitPrice'),
  unitCost: reading.sum(row, 'unitCost'),
  extendedPrice: reading.sum(row, 'extendedPrice'),
  extendedCost: reading.sum(row, 'extendedCost'),
  parameters: list(row, 'parameters', readParameter),
});

export const readOrderCharge = (row: Row, reading: LenientReading): CmpOrderCharge => ({
  type: optionalText(row, 'type'),
  mpn: optionalText(row, 'mpn'),
  productId: optionalId(row, 'productId', 255),
  description: optionalText(row, 'description'),
  quantity: optionalQuantity(row, 'quantity'),
  unitPrice: reading.sum(row, 'unitPrice'),
  extendedPrice: reading.sum(row, 'extendedPrice'),
  taxAmount: reading.sum(row, 'taxAmount'),
});
