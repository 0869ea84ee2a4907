import type { Money } from '@isthmus/domain';
import { list, optionalMoney, type Row } from './fields.ts';
import { readOrderCharge, readOrderLine, type CmpOrderCharge, type CmpOrderLine } from './order-detail.ts';

/** What an order would cost. Lines that were not asked for are products that others depend on. Nothing is stored at CMP. */
export interface CmpOrderEstimate {
  total?: Money;
  products: CmpOrderLine[];
  details: CmpOrderCharge[];
}

export const readOrderEstimate = (row: Row): CmpOrderEstimate => ({
  total: optionalMoney(row, 'total'),
  products: list(row, 'products', readOrderLine),
  details: list(row, 'details', readOrderCharge),
});
