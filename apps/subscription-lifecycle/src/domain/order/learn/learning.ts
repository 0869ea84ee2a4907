import type { Evidence, Seen } from '../evidence.ts';
import type { OrderRecord } from '../order-record.ts';
import type { Patience } from '../patience.ts';

/** What the moment adds to the evidence. */
export interface Moment {
  now: number;
  patience: Patience;
  /** Longest time between sending an order and its appearing at CMP, of all orders of this connector so far; ms. */
  longestSeen: number;
}

/** The order after one kind of evidence. */
export type Learning<Kind extends Evidence['saw']> = (
  order: OrderRecord,
  evidence: Seen<Kind>,
  moment: Moment,
) => OrderRecord;
