import type { Money } from '@isthmus/domain';
import { instant, optionalInstant } from './dates.ts';
import { attributes, id, optionalMoney, optionalText, word, type Row } from './fields.ts';

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
}

export const readOrder = (row: Row): CmpOrder => ({
  id: id(row, 'id'),
  orderNumber: optionalText(row, 'orderNumber'),
  type: word(row, 'type', types),
  customerId: id(row, 'customerId'),
  status: word(row, 'status', statuses),
  statusWord: optionalText(row, 'status'),
  statusCode: optionalText(row, 'statusCode'),
  creationDate: instant(row, 'creationDate'),
  provisioningDate: optionalInstant(row, 'provisioningDate'),
  poNumber: optionalText(row, 'poNumber'),
  attributes: attributes(row, 'attributes'),
  total: optionalMoney(row, 'total'),
});
