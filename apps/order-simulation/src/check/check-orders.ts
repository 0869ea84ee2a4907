import { isDeepStrictEqual } from 'node:util';
import type { OrderStatus } from '@isthmus/subscription-lifecycle/orders/order-lifecycle.ts';
import { queueKey } from '@isthmus/subscription-lifecycle/orders/order.ts';
import type { CommandOutcome } from '../actors/customers.ts';
import type { LedgerEntry } from '../cmp/simulated-cmp.ts';
import type { ReceivedChange } from '../world/event-bus.ts';
import type { HistoryLine, PublicOrder } from '../world/memory-store.ts';

/** Something that must never be. */
export interface Violation {
  rule: string;
  detail: string;
}

/** The responses to all commands against the orders there are: one key, one order, and that one as answered. */
export function checkCommands(
  outcomes: readonly CommandOutcome[],
  orders: readonly PublicOrder[],
): Violation[] {
  const violations: Violation[] = [];
  const broken = (rule: string, detail: string) => violations.push({ rule, detail });
  const known = new Map(orders.map((order) => [order.id, order]));
  const keys = Map.groupBy(outcomes, ({ key }) => key);
  if (orders.length !== keys.size)
    broken('one order per command', `${keys.size} commands became ${orders.length} orders`);
  for (const [key, answers] of keys) {
    const ids = new Set(answers.flatMap(({ answer }) => ('orderId' in answer ? answer.orderId : [])));
    const [id] = ids;
    if (ids.size !== 1)
      broken('one order per command', `${key} became ${[...ids].join(' and ') || 'nothing'}`);
    const order = id === undefined ? undefined : known.get(id);
    for (const { spec, answer } of answers) {
      const same = isDeepStrictEqual(spec, order?.spec);
      if ('orderId' in answer && !same)
        broken('a key is for one command', `${key}: ${answer.orderId} is not what was asked for`);
      if ('status' in answer && (same || answer.status !== 422))
        broken('a key is for one command', `${key}: answered ${answer.status}`);
    }
  }
  return violations;
}

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
    const about = `${order.spec.kind} ${order.id} (${order.status}, ${order.reason ?? '-'})`;
    if (entries.length > 1)
      broken('no double order', `${about} is ${entries.map(({ order: { id } }) => id).join(' and ')} at CMP`);
    const [entry] = entries;
    const rightly = order.status === 'scheduled' && entry !== undefined && waits(entry);
    if (!ends.has(order.status) && !rightly) broken('every command ends', `${about} is still open`);
    if (order.cmpOrderId !== null && order.cmpOrderId !== entry?.order.id)
      broken('the right order', `${about} shows CMP's order ${order.cmpOrderId}, which it did not place`);
    if ((order.status === 'refused' || order.status === 'withdrawn') && entry && !nothingAtCmp(entry))
      broken('no lost order', `${about}, but CMP has order ${entry.order.id} as ${entry.order.status}`);
    const requested = order.spec.kind === 'change-quantity' && order.spec.when === 'renewal';
    if (entry && entry.order.scheduled !== requested)
      broken('what was asked', `${about} is ${requested ? 'not ' : ''}kept for the renewal at CMP`);
    for (const one of entries) checkProduct(order, one, about, broken);
    if (order.status === 'settled') checkSettled(order, entry, about, broken);
  }
  return violations;
}

/** What CMP took is the product that was meant, in the term and billing period that were meant. */
function checkProduct(
  { spec }: PublicOrder,
  { order: { id, lines } }: LedgerEntry,
  about: string,
  broken: (rule: string, detail: string) => void,
): void {
  if (spec.kind !== 'create' && spec.kind !== 'change-quantity') return;
  const { mpn, term, billingPeriod } = spec.product;
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
  { spec, reason }: PublicOrder,
  entry: LedgerEntry | undefined,
  about: string,
  broken: (rule: string, detail: string) => void,
): void {
  if (spec.kind === 'renewal-setting' || reason === 'already-so') return;
  if (!entry) return broken('settled is true', `${about}, but nothing of it is at CMP`);
  const { status, fate, id, posted } = entry.order;
  if (status !== 'completed' || fate !== 'effect')
    broken('settled is true', `${about}, but CMP's order ${id} is ${status} with ${fate}`);
  if (spec.kind === 'cancel') return;
  const quantity = posted?.products?.find(({ mpn }) => mpn === spec.product.mpn)?.quantity;
  if (quantity !== spec.seats)
    broken('what was asked', `${about}: ${spec.seats} seats were asked for and ${quantity} ordered`);
}

/**
 * Orders of one queue reach CMP in the order they were given, none before the one ahead of it is over, or kept there for
 * the renewal.
 */
export function checkQueues(
  ledger: readonly LedgerEntry[],
  orders: readonly PublicOrder[],
  history: readonly HistoryLine[],
): Violation[] {
  const violations: Violation[] = [];
  const kept = new Map(
    history.filter(({ status }) => status === 'scheduled').map(({ orderId, at }) => [orderId, at]),
  );
  const queues = Map.groupBy(orders, ({ spec }) => queueKey(spec));
  for (const [queue, waiting] of queues)
    for (const [n, order] of waiting.entries()) {
      const entry = ledger.find(({ order: { posted } }) => posted?.poNumber === order.marker);
      const ahead = waiting
        .slice(0, n)
        .find(({ id, finishedAt, status }) =>
          entry
            ? Math.min(finishedAt ?? Infinity, kept.get(id) ?? Infinity) > entry.at &&
              status !== 'completed-not-effective'
            : false,
        );
      if (ahead)
        violations.push({
          rule: 'one at a time',
          detail: `${queue}: ${order.id} was placed before ${ahead.id} (${ahead.status}) was over`,
        });
    }
  return violations;
}

/** The event that the service promises for each status. */
const subjects: Partial<Record<OrderStatus, string>> = {
  accepted: 'subscription-lifecycle.order-placed.v1',
  settled: 'subscription-lifecycle.order-settled.v1',
  refused: 'subscription-lifecycle.order-refused.v1',
  withdrawn: 'subscription-lifecycle.order-withdrawn.v1',
  'needs-attention': 'subscription-lifecycle.order-escalated.v1',
  'completed-not-effective': 'subscription-lifecycle.order-escalated.v1',
};

interface EventsAccount {
  history: readonly HistoryLine[];
  forwarded: readonly ReceivedChange[];
  applied: readonly ReceivedChange[];
  kept: ReadonlyMap<string, ReceivedChange>;
}

/** The events received against what happened: every change once, no event without a change, never backwards, the last one kept. */
export function checkEvents({ history, forwarded, applied, kept }: EventsAccount): Violation[] {
  const violations: Violation[] = [];
  const broken = (rule: string, detail: string) => violations.push({ rule, detail });
  const name = ({ orderId, version, type }: ReceivedChange) => `${type} of ${orderId} at version ${version}`;
  const expected = history.flatMap(({ orderId, version, status }) => {
    const type = subjects[status];
    return type ? [{ orderId, version, type }] : [];
  });

  const counts = new Map<string, number>();
  for (const received of forwarded) counts.set(name(received), (counts.get(name(received)) ?? 0) + 1);
  for (const change of expected) {
    const count = counts.get(name(change)) ?? 0;
    if (count === 0) broken('every change is heard of', `${name(change)} was not`);
    if (count > 1) broken('heard once in effect', `${name(change)} had ${count} effects`);
    counts.delete(name(change));
  }
  for (const received of counts.keys()) broken('no event without a change', received);

  const highest = new Map<string, number>();
  for (const received of applied) {
    if (received.version <= (highest.get(received.orderId) ?? 0))
      broken('versions only grow', `${name(received)} came after version ${highest.get(received.orderId)}`);
    highest.set(received.orderId, Math.max(received.version, highest.get(received.orderId) ?? 0));
  }
  const last = new Map(expected.map((change) => [change.orderId, change]));
  for (const [orderId, change] of last)
    if (kept.get(orderId)?.type !== change.type)
      broken('the last word is kept', `${name(change)}; kept is ${kept.get(orderId)?.type ?? 'nothing'}`);
  return violations;
}
