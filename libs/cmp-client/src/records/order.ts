import type { Money } from '@isthmus/domain';
import { instant, optionalInstant } from './dates.ts';
import { attributes, id, LenientReading, optionalText, word, type Row, type UnreadField } from './fields.ts';

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
  /** The status as CMP wrote it, for words that read as `unknown`. */
  statusWord?: string;
  /** CMP's internal two letters: `CP`, `LO`, `AS`, … */
  statusCode?: string;
  creationDate: string;
  provisioningDate?: string;
  poNumber?: string;
  attributes: Record<string, string>;
  total?: Money;
  /** What could not be read, where the order is of use without it. Absent when all was. */
  unread?: readonly UnreadField[];
}

/** An order of a list, whose facts must all be readable; its sum need not be. */
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
 * An order by itself: its id, and whatever else can be read. Whoever has placed one must never lose the id because something beside it
 * is odd; what that is stands in `unread`.
 */
export const readOrderFacts = (row: Row, reading: LenientReading): CmpOrder => ({
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
