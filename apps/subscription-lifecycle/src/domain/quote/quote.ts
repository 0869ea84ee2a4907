import type { Money } from '@isthmus/domain';
import type { OrderAsk } from '../order/order-ask.ts';
import type { OrderReason } from '../order/order-reason.ts';

/** A product of the order, as it would be afterwards. */
export interface QuotedLine {
  mpn: string | null;
  name: string | null;
  seatsBefore: number;
  seatsAfter: number;
  /** Of a seat and a billing period; null while nobody knows. */
  unitPrice: Money | null;
  /** Of all seats afterwards and a whole billing period. */
  extendedPrice: Money | null;
  /** Nobody asked for it: CMP adds it, because another product needs it. */
  addedByCmp: boolean;
}

/** What the order does to windows and dates. */
export interface QuotedEffect {
  code:
    | 'opens-window'
    | 'opens-lot'
    | 'takes-from-lots'
    | 'at-renewal'
    | 'window-closes'
    | 'ends-at-once'
    | 'ends-with-term'
    | 'extended-term'
    | 'renews';
  /** In words. */
  detail: string;
  seats?: number;
  /** Milliseconds, UTC. */
  at?: number;
}

/** What CMP made of the order. `not-asked`: it costs nothing there. `away`: it could not be asked, or does not say. */
export interface CmpOpinion {
  answer: 'estimated' | 'refused' | 'away' | 'not-asked';
  total: Money | null;
  lines: { mpn: string | null; name: string | null; quantity: number; extendedPrice: Money | null }[];
  /** Unless it estimated. */
  reason: OrderReason | null;
}

/** Why the order would be refused. */
export type QuotedRefusal = OrderReason & { errors?: { field: string; message: string }[]; offer?: object };

/** What an order would cost and do, or why it would be refused. */
export interface Quote {
  /** What CMP would be asked for; null when that was refused already. */
  ask: OrderAsk | null;
  connectorId: string | null;
  subscriptionId: string | null;
  /** As ISO 8601 writes them; null when nobody knows. */
  term: string | null;
  billingPeriod: string | null;
  /** Of a seat and a billing period. */
  unitPrice: Money | null;
  lines: QuotedLine[];
  /** When the total is charged. */
  chargedAt: 'now' | 'renewal';
  /** CMP's, or ours where CMP did not estimate; negative: given back. Null when nobody knows. */
  total: Money | null;
  /** Ours, from prices and proration. */
  estimate: Money | null;
  cmp: CmpOpinion;
  effects: QuotedEffect[];
  warnings: OrderReason[];
  refused: QuotedRefusal | null;
}
