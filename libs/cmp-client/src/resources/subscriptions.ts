import type { Money } from '@isthmus/domain';
import {
  attributes,
  type CmpParameter,
  type CmpPeriod,
  code,
  FieldProblem,
  id,
  list,
  maxNameLength,
  maxSeats,
  optionalBoolean,
  optionalCode,
  optionalDay,
  optionalId,
  optionalNested,
  optionalText,
  readParameter,
  readPeriod,
  type Row,
  seats,
  word,
} from '../records/fields.ts';
import type { KnownRecords } from '../records/known-records.ts';
import { LenientReading, type UnreadField } from '../records/read-record.ts';
import { type CallOptions, type PageQuery, type Sender, writeRequest } from './sender.ts';

export interface SubscriptionQuery extends PageQuery {
  customerId?: string;
  /** A single status: CMP rejects a list. */
  status?: CmpSubscriptionStatus;
  /** `YYYY-MM-DD`. */
  creationDateFrom?: string;
  creationDateTo?: string;
}

export interface SubscriptionChange {
  /** Whether it renews automatically. */
  renewalStatus?: boolean;
  attributes?: Record<string, string>;
}

export class Subscriptions {
  constructor(private readonly sender: Sender) {}

  page(query: SubscriptionQuery = {}, options?: CallOptions) {
    return this.sender.page('subscriptions.page', '/subscriptions', { ...query }, readSubscription, options);
  }

  /** Like `page`, but records that are known are neither parsed nor read. */
  pageAgainst(known: KnownRecords, query: SubscriptionQuery = {}, options?: CallOptions) {
    const of = ['subscriptions.page', '/subscriptions', { ...query }, readSubscription] as const;
    return this.sender.pageAgainst(known, ...of, options);
  }

  get(id: string, options?: CallOptions): Promise<CmpSubscriptionDetail> {
    const path = `/subscriptions/${encodeURIComponent(id)}`;
    return this.sender.get('subscriptions.get', path, readSubscriptionDetail, options);
  }

  /** Seats cannot be changed here, only by a change order. */
  update(id: string, change: SubscriptionChange, options?: CallOptions): Promise<CmpSubscriptionDetail> {
    const { writeTimeoutSeconds } = this.sender.session.assumptions;
    const path = `/subscriptions/${encodeURIComponent(id)}`;
    return this.sender.one(
      writeRequest('subscriptions.update', 'PATCH', path, change, writeTimeoutSeconds, options),
      readSubscriptionDetail,
    );
  }
}

const statuses = new Set(['pending', 'active', 'hold', 'terminated', 'removed', 'unknown'] as const);

export type CmpSubscriptionStatus = 'pending' | 'active' | 'hold' | 'terminated' | 'removed' | 'unknown';

/** A subscription as lists show it: without quantity and products, which only the detail has. Dates are `YYYY-MM-DD`. */
export interface CmpSubscription {
  id: string;
  name?: string;
  customerId: string;
  status: CmpSubscriptionStatus;
  attributes: Record<string, string>;
  /** Whether it renews automatically. */
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
  name: optionalText(row, 'name', maxNameLength),
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
  /** Contains the Microsoft tenant: `ms_customer_id`. */
  fulfillmentParameters: CmpParameter[];
  /** Amounts that could not be read; the record still has seats, status and dates. Absent if all could. */
  unread?: readonly UnreadField[];
}

/** An event contains all of them, and a message has a maximum size. */
const maxProducts = 1_000;

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
  if (detail.products.length > maxProducts)
    throw new FieldProblem(
      'products',
      `are ${detail.products.length}, more than the ${maxProducts} that can be published`,
    );
  const all = detail.products.reduce((sum, product) => sum + product.quantity, 0);
  if (all > maxSeats)
    throw new FieldProblem('products', `have ${all} seats together, more than can be stored`);
  return reading.unread.length ? { ...detail, unread: reading.unread } : detail;
}

const readSubscriptionProduct = (row: Row, reading: LenientReading): CmpSubscriptionProduct => ({
  mpn: code(row, 'mpn'),
  vendor: optionalCode(row, 'vendor'),
  id: optionalId(row, 'id', 255),
  name: optionalText(row, 'name', maxNameLength),
  quantity: seats(row, 'quantity'),
  unitPrice: reading.sum(row, 'unitPrice'),
  unitCost: reading.sum(row, 'unitCost'),
  unitProviderCost: reading.sum(row, 'unitProviderCost'),
  extendedPrice: reading.sum(row, 'extendedPrice'),
  vendorSubscriptionId: optionalCode(row, 'vendorSubscriptionId'),
});
