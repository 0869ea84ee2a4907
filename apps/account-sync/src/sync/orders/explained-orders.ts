/** An order that is done at CMP, whose effect is still to be found. */
export interface DueOrder {
  id: string;
  cmpId: string;
  /** CMP's value: sales, change, renewal, cancellation, migration, unknown. */
  type: string;
  cmpAccountId: string;
  /** Known once the order's detail was read. */
  cmpSubscriptionId: string | null;
  /** Whether windows that it opened may still be open. */
  recent: boolean;
  /** When CMP's list was read for it. */
  readAt: Date;
  /** The products in the order's detail; null while it was not read. */
  lines: readonly { cmpSubscriptionId?: string | undefined }[] | null;
}

/** A change of a subscription that the same run has found. */
export interface FoundChange {
  cmpAccountId: string;
  result: string;
  changed: string[];
}

const dates = ['renewalDate', 'expirationDate'];

/** Orders that may begin a term or add seats; only their details have when they were placed, and for how many seats. */
const windowOpening: ReadonlySet<string> = new Set(['sales', 'change', 'renewal']);

export const opensWindows = ({ type }: DueOrder): boolean => windowOpening.has(type);

/** Which changes an order of each type brings about; the types that are missing explain nothing. */
const effects: Record<string, (change: FoundChange) => boolean> = {
  sales: (change) => change.result === 'appeared',
  change: (change) => change.result === 'changed' && change.changed.includes('lines'),
  cancellation: (change) => change.result === 'ended' || change.changed.includes('status'),
  renewal: (change) => change.result === 'changed' && change.changed.some((field) => dates.includes(field)),
};

/**
 * Orders whose effect has already been found: as many effects as orders of one account and type. If one is missing, none of
 * them counts as explained, because it is unknown which one is missing.
 */
export function explainedOrders(orders: readonly DueOrder[], changes: readonly FoundChange[]): DueOrder[] {
  return orders.filter((order) => {
    const effect = effects[order.type];
    if (!effect) return false;
    const alike = orders.filter(
      (other) => other.type === order.type && other.cmpAccountId === order.cmpAccountId,
    );
    const found = changes.filter((change) => change.cmpAccountId === order.cmpAccountId && effect(change));
    return found.length >= alike.length;
  });
}
