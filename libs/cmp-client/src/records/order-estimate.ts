import type { Money } from '@isthmus/domain';
import { LenientReading, type Row, type UnreadField } from './fields.ts';
import { readOrderCharge, readOrderLine, type CmpOrderCharge, type CmpOrderLine } from './order-detail.ts';

/** What an order would cost. Lines that were not asked for are products that others depend on. Nothing is stored at CMP. */
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
