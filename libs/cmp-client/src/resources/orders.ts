import type { Money } from '@isthmus/domain';
import {
  attributes,
  type CmpParameter,
  type CmpPeriod,
  id,
  instant,
  list,
  optionalId,
  optionalInstant,
  optionalNested,
  optionalQuantity,
  optionalText,
  quantity,
  readParameter,
  readPeriod,
  type Row,
  word,
} from '../records/fields.ts';
import { LenientReading, type UnreadField } from '../records/read-record.ts';
import { type CallOptions, type PageQuery, type Sender, writeRequest } from './sender.ts';

export interface OrderQuery extends PageQuery {
  customerId?: string;
  subscriptionId?: string;
  orderNumber?: string;
  status?: Exclude<CmpOrderStatus, 'unknown'>;
  /** ISO date-times; sent in UTC without milliseconds, which CMP rejects. */
  creationTimeFrom?: string;
  creationTimeTo?: string;
}

export interface OrderChange {
  /** `CL` withdraws an order that is still waiting. */
  statusCode?: string;
  creditCheck?: boolean;
}

export class Orders {
  constructor(private readonly sender: Sender) {}

  page(query: OrderQuery = {}, options?: CallOptions) {
    const creationTimeFrom = wholeSeconds(query.creationTimeFrom);
    const creationTimeTo = wholeSeconds(query.creationTimeTo);
    return this.sender.page(
      'orders.page',
      '/orders',
      { ...query, creationTimeFrom, creationTimeTo },
      readOrder,
      options,
    );
  }

  get(id: string, options?: CallOptions): Promise<CmpOrderDetail> {
    return this.sender.get('orders.get', `/orders/${encodeURIComponent(id)}`, readOrderDetail, options);
  }

  /** The cost of the order. Stores nothing. */
  estimate(order: CmpOrderRequest, options?: CallOptions): Promise<CmpOrderEstimate> {
    const { orderTimeoutSeconds } = this.sender.session.assumptions;
    const request = writeRequest(
      'orders.estimate',
      'POST',
      '/orders/estimate',
      order,
      orderTimeoutSeconds,
      options,
    );
    return this.sender.one({ ...request, harmless: true }, readOrderEstimate);
  }

  /**
   * Sends an order once, whatever happens: CMP has no idempotency key, and a repeated order is a second subscription to pay for.
   * Its id is returned even if nothing else of the response can be read. On any error check `outcome`; while it is `unknown`,
   * search for the order before sending it again.
   */
  place(order: CmpOrderRequest, options?: CallOptions): Promise<CmpOrderDetail> {
    const { orderTimeoutSeconds } = this.sender.session.assumptions;
    const request = writeRequest('orders.place', 'POST', '/orders', order, orderTimeoutSeconds, options);
    return this.sender.one({ ...request, renewed: false }, readOrderDetail);
  }

  update(id: string, change: OrderChange, options?: CallOptions): Promise<CmpOrderDetail> {
    const { orderTimeoutSeconds } = this.sender.session.assumptions;
    const path = `/orders/${encodeURIComponent(id)}`;
    return this.sender.one(
      writeRequest('orders.update', 'PATCH', path, change, orderTimeoutSeconds, options),
      readOrderDetail,
    );
  }
}

const wholeSeconds = (time: string | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');

export interface CmpOrderRequestLine {
  mpn: string;
  vendor?: string;
  id?: string;
  /** New total of a change order (assumption `changeQuantityIsTotal`). */
  quantity: number;
  /** Subscription of a change order. */
  subscriptionId?: string;
  billingPeriod?: CmpPeriod;
  subscriptionPeriod?: CmpPeriod;
  parameters?: CmpParameter[];
}

/** An order to estimate or to place. */
export interface CmpOrderRequest {
  type: 'sales' | 'change' | 'renewal' | 'cancellation';
  customerId: string;
  /** The only string of ours that CMP stores and returns; it cannot be searched for. */
  poNumber?: string;
  /** Subscription of a cancellation or renewal. */
  subscriptionId?: string;
  subscriptionPeriod?: CmpPeriod;
  scheduledOn?: 'renewal';
  attributes?: Record<string, string>;
  products?: CmpOrderRequestLine[];
}

const types = new Set(['sales', 'change', 'renewal', 'cancellation', 'migration', 'unknown'] as const);
const statuses = new Set(['submitted', 'processing', 'error', 'completed', 'cancelled'] as const);

export type CmpOrderType = 'sales' | 'change' | 'renewal' | 'cancellation' | 'migration' | 'unknown';
export type CmpOrderStatus = 'submitted' | 'processing' | 'error' | 'completed' | 'cancelled' | 'unknown';

/** An order as lists show it: without subscription, products and PO number. Times are ISO 8601 in UTC. */
export interface CmpOrder {
  id: string;
  orderNumber?: string;
  type: CmpOrderType;
  customerId: string;
  status: CmpOrderStatus;
  /** The status as CMP wrote it, for values that read as `unknown`. */
  statusWord?: string;
  /** CMP's internal two letters: `CP`, `LO`, `AS`, … */
  statusCode?: string;
  creationDate: string;
  provisioningDate?: string;
  poNumber?: string;
  attributes: Record<string, string>;
  total?: Money;
  /** Fields that could not be read, if the order is useful without them. Absent if all could. */
  unread?: readonly UnreadField[];
}

/** An order of a list; all fields except its sum must be readable. */
export const readOrder = (row: Row): CmpOrder => ({
  id: id(row, 'id'),
  orderNumber: optionalText(row, 'orderNumber', 64),
  type: word(row, 'type', types),
  customerId: id(row, 'customerId'),
  status: word(row, 'status', statuses),
  statusWord: optionalText(row, 'status', 64),
  statusCode: optionalText(row, 'statusCode', 64),
  creationDate: instant(row, 'creationDate'),
  provisioningDate: optionalInstant(row, 'provisioningDate'),
  poNumber: optionalText(row, 'poNumber'),
  attributes: attributes(row, 'attributes'),
  total: new LenientReading().sum(row, 'total'),
});

/**
 * An order read on its own: its id, and whatever else can be read. After placing one, its id must never be lost because another
 * field is malformed; such fields are listed in `unread`.
 */
const readOrderFacts = (row: Row, reading: LenientReading): CmpOrder => ({
  id: id(row, 'id'),
  orderNumber: reading.fact(() => optionalText(row, 'orderNumber', 64)),
  type: reading.fact(() => word(row, 'type', types)) ?? 'unknown',
  customerId: reading.fact(() => id(row, 'customerId')) ?? '',
  status: reading.fact(() => word(row, 'status', statuses)) ?? 'unknown',
  statusWord: reading.fact(() => optionalText(row, 'status', 64)),
  statusCode: reading.fact(() => optionalText(row, 'statusCode', 64)),
  creationDate: reading.fact(() => instant(row, 'creationDate')) ?? '',
  provisioningDate: reading.fact(() => optionalInstant(row, 'provisioningDate')),
  poNumber: reading.fact(() => optionalText(row, 'poNumber')),
  attributes: reading.fact(() => attributes(row, 'attributes')) ?? {},
  total: reading.sum(row, 'total'),
});

export interface CmpOrderLine {
  mpn?: string;
  vendor?: string;
  id?: string;
  name?: string;
  /**
   * Of a change order: the signed difference, but the new total if the order is scheduled for the renewal. NaN if it cannot
   * be read.
   */
  quantity: number;
  subscriptionId?: string;
  /** New product of an upgrade. */
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

/** The amount that the order charges or refunds. */
export interface CmpOrderCharge {
  /** Such as `recurring`, `recurringRefund`, `setup`, `cancellation`. */
  type?: string;
  mpn?: string;
  productId?: string;
  /** Contains the covered dates. */
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

/** The first field of an order, besides amounts, that could not be read, with the reason; undefined if all could. */
export function firstUnreadFact({ unread = [] }: Pick<CmpOrder, 'unread'>): string | undefined {
  const found = unread.find(({ sum }) => !sum);
  return found && `${found.field}: ${found.reason}`;
}

const readOrderLine = (row: Row, reading: LenientReading): CmpOrderLine => ({
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

const readOrderCharge = (row: Row, reading: LenientReading): CmpOrderCharge => ({
  type: optionalText(row, 'type'),
  mpn: optionalText(row, 'mpn'),
  productId: optionalId(row, 'productId', 255),
  description: optionalText(row, 'description'),
  quantity: optionalQuantity(row, 'quantity'),
  unitPrice: reading.sum(row, 'unitPrice'),
  extendedPrice: reading.sum(row, 'extendedPrice'),
  taxAmount: reading.sum(row, 'taxAmount'),
});

/** The estimated cost of an order. Lines that were not ordered are products that others depend on. CMP stores nothing. */
export interface CmpOrderEstimate {
  total?: Money;
  products: CmpOrderLine[];
  details: CmpOrderCharge[];
  /** Sums that could not be read. Absent when all were. */
  unread?: readonly UnreadField[];
}

/** A line that cannot be read is a problem of the whole estimate; sums are only missing from it. */
export function readOrderEstimate(row: Row): CmpOrderEstimate {
  const reading = new LenientReading();
  const estimate: CmpOrderEstimate = {
    total: reading.sum(row, 'total'),
    products: reading.list(row, 'products', readOrderLine),
    details: reading.list(row, 'details', readOrderCharge, true),
  };
  reading.requireFacts();
  return reading.unread.length ? { ...estimate, unread: reading.unread } : estimate;
}
