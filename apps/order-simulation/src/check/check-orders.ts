import type { LedgerEntry } from '../cmp/simulated-cmp.ts';
import type { PublicOrder } from '../memory-store.ts';
import type { Violation } from './violation.ts';

const ends = new Set(['settled', 'refused', 'withdrawn']);
const nothingAtCmp = ({ order: { status, fate } }: LedgerEntry): boolean =>
  status === 'cancelled' || status === 'error' || (status === 'completed' && fate !== 'effect');

/** What CMP took, and what is shown: nothing else is looked at. */
export interface Account {
  ledger: readonly LedgerEntry[];
  orders: readonly PublicOrder[];
  /** Whether CMP still keeps an order for a renewal that is yet to come. */
  waits: (entry: LedgerEntry) => boolean;
}

/** The invariants of ordering, checked by the public record against CMP's ledger alone. */
export function checkOrders({ ledger, orders, waits }: Account): Violation[] {
  const violations: Violation[] = [];
  const broken = (rule: string, detail: string) => violations.push({ rule, detail });

  const entriesOf = new Map<string, LedgerEntry[]>(orders.map(({ id }) => [id, []]));
  for (const entry of ledger) {
    const owner = orders.find(({ marker }) => entry.order.posted?.poNumber === marker);
    if (!owner)
      broken('no order without a command', `order ${entry.order.id} at CMP belongs to none of ours`);
    else entriesOf.get(owner.id)!.push(entry);
  }

  for (const order of orders) {
    const entries = entriesOf.get(order.id)!;
    const about = `${order.ask.kind} ${order.id} (${order.status}, ${order.reason ?? '-'})`;
    if (entries.length > 1)
      broken('no double order', `${about} is ${entries.map(({ order: { id } }) => id).join(' and ')} at CMP`);
    const [entry] = entries;
    const rightly = order.status === 'scheduled' && entry !== undefined && waits(entry);
    if (!ends.has(order.status) && !rightly) broken('every command ends', `${about} is still open`);
    if (order.cmpOrderId !== null && order.cmpOrderId !== entry?.order.id)
      broken('the right order', `${about} shows CMP's order ${order.cmpOrderId}, which it did not place`);
    if ((order.status === 'refused' || order.status === 'withdrawn') && entry && !nothingAtCmp(entry))
      broken('no lost order', `${about}, but CMP has order ${entry.order.id} as ${entry.order.status}`);
    const asked = order.ask.kind === 'change-quantity' && order.ask.when === 'renewal';
    if (entry && entry.order.scheduled !== asked)
      broken('what was asked', `${about} is ${asked ? 'not ' : ''}kept for the renewal at CMP`);
    for (const one of entries) checkProduct(order, one, about, broken);
    if (order.status === 'settled') checkSettled(order, entry, about, broken);
  }
  return violations;
}

/** What CMP took is the product that was meant, in the term and billing period that were meant. */
function checkProduct(
  { ask }: PublicOrder,
  { order: { id, lines } }: LedgerEntry,
  about: string,
  broken: (rule: string, detail: string) => void,
): void {
  if (ask.kind !== 'create' && ask.kind !== 'change-quantity') return;
  const { mpn, term, billingPeriod } = ask.product;
  const line = lines.find((one) => one.mpn === mpn);
  const other = lines.find((one) => one.mpn !== mpn);
  const same = (meant: object | undefined, ordered: object | undefined) =>
    meant === undefined || JSON.stringify(meant) === JSON.stringify(ordered);
  if (!line || other)
    broken('the product that was meant', `${about}: ${mpn} was meant, and order ${id} is of ${other?.mpn}`);
  else if (!same(term, line.terms?.term) || !same(billingPeriod, line.terms?.billing))
    broken(
      'the product that was meant',
      `${about}: order ${id} has ${JSON.stringify(line.terms)}, not ${JSON.stringify({ term, billingPeriod })}`,
    );
}

function checkSettled(
  { ask, reason }: PublicOrder,
  entry: LedgerEntry | undefined,
  about: string,
  broken: (rule: string, detail: string) => void,
): void {
  if (ask.kind === 'renewal-setting' || reason === 'already-so') return;
  if (!entry) return broken('settled is true', `${about}, but nothing of it is at CMP`);
  const { status, fate, id, posted } = entry.order;
  if (status !== 'completed' || fate !== 'effect')
    broken('settled is true', `${about}, but CMP's order ${id} is ${status} with ${fate}`);
  if (ask.kind === 'cancel') return;
  const quantity = posted?.products?.find(({ mpn }) => mpn === ask.product.mpn)?.quantity;
  if (quantity !== ask.seats)
    broken('what was asked', `${about}: ${ask.seats} seats were asked for and ${quantity} ordered`);
}
