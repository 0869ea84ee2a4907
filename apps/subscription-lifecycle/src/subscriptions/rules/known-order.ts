import type { OrderRecord } from '../../orders/order.ts';

/** Seats of one product in an order. */
interface KnownOrderLine {
  mpn: string;
  cmpProductId?: string | undefined;
  /** Added, or removed if negative. */
  seats: number;
}

/**
 * An order that CMP has completed and that concerns a subscription, no matter who placed it: it explains that a term began
 * or that seats were added. Times are milliseconds, UTC.
 */
export interface KnownOrder {
  /** CMP's id, or ours while CMP's is not known. */
  id: string;
  /** For people: CMP's number, or the id. */
  number: string;
  /** CMP's value; upgrades, term changes, transfers and migrations are excluded. */
  type: 'sales' | 'change' | 'renewal';
  /** When it was placed: windows count from then, to the minute. */
  createdAt: number;
  /** When it was seen to be completed: a later reading of the subscription has its effect. */
  doneAt: number;
  /** Empty: nothing is known of seats that it adds. */
  lines: KnownOrderLine[];
}

/**
 * CMP's records of orders, and our confirmations of those whose record is unknown. An order counts as completed from when
 * either first showed it: whatever is read later includes its effect.
 */
export function knownTogether(told: readonly KnownOrder[], own: readonly KnownOrder[]): KnownOrder[] {
  const proofs = new Map(own.map((order) => [order.id, order]));
  const ids = new Set(told.map(({ id }) => id));
  return [
    ...told.map((order) => {
      const { doneAt = Infinity } = proofs.get(order.id) ?? {};
      return doneAt < order.doneAt ? { ...order, doneAt } : order;
    }),
    ...own.filter(({ id }) => !ids.has(id)),
  ];
}

/** How far the clock of CMP may be ahead of ours. */
export const clockSkew = 5 * 60_000;

/** Orders with a time that can be right, the oldest first. One from the future explains nothing. */
export const credible = (orders: readonly KnownOrder[]): KnownOrder[] =>
  orders
    .filter(({ createdAt, doneAt }) => createdAt <= doneAt + clockSkew)
    .toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));

/** The order that made the subscription; later sales add to it. */
export function findPurchase(
  orders: readonly KnownOrder[],
  { createdAt, firstSeenAt }: { createdAt: number | null; firstSeenAt: number },
): KnownOrder | undefined {
  const latest = Math.min(createdAt === null ? Infinity : createdAt + 2 * day, firstSeenAt + clockSkew);
  return credible(orders).find((order) => order.type === 'sales' && order.createdAt <= latest);
}

const day = 86_400_000;

/**
 * A confirmed order of ours, as an explanation until CMP's own record of it is known. CMP created it when it was sent or
 * later, so its window closes no earlier than we say. Null if no time is known.
 */
export function knownFromOwnOrder(record: OrderRecord): KnownOrder | null {
  const { ask, status, firstSentAt: createdAt, seatsBefore } = record;
  if (status !== 'settled' || createdAt === null) return null;
  const doneAt = Math.max(createdAt, record.completedAt ?? record.finishedAt ?? createdAt);
  const id = record.cmpOrderId ?? record.id;
  const of = { id, number: record.cmpOrderNumber ?? id, createdAt, doneAt };
  if (ask.kind === 'create') return { ...of, type: 'sales', lines: [] };
  if (ask.kind !== 'change-quantity' || ask.when === 'renewal' || seatsBefore === null) return null;
  const { mpn, cmpProductId } = ask.product;
  return { ...of, type: 'change', lines: [{ mpn, cmpProductId, seats: ask.seats - seatsBefore }] };
}
