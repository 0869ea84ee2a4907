import {
  type DrawnOffer,
  drawOffer,
  type SubscriptionColumns,
} from '../subscriptions/subscription-columns.ts';
import type { SubscriptionState } from '../subscriptions/subscription.ts';
import { addPeriod } from '../world/period.ts';
import { dice } from '../world/random.ts';
import {
  codeAfter,
  type OrderLine,
  orderNumber,
  type OrderState,
  type OrderStatus,
  type StatusCode,
} from './order.ts';

const day = 1440;

/** An order of the past, before it is written out; `seats` is the total bought, the signed change, or the scheduled target. */
export interface PastOrder {
  /** Distinguishes the orders of one subscription, 0 to 7. */
  sequence: number;
  kind: 'sales' | 'change' | 'scheduled' | 'renewal' | 'cancellation';
  minute: number;
  seats: number;
  status: OrderStatus;
}

const scheduledSequence = 5;
const codes = {
  submitted: 'WP',
  processing: codeAfter.start,
  completed: codeAfter.complete,
  error: codeAfter.fail,
  cancelled: codeAfter.withdraw,
} as const;

/** CloudBlue's code of a past order, from its status and sequence. */
function pastCode(status: OrderStatus, sequence: number): StatusCode {
  return sequence === scheduledSequence ? codeAfter.schedule : codes[status];
}

function outcome(seed: number, index: number, face: number): OrderStatus {
  const roll = dice(seed, index, face);
  return roll < 0.96 ? 'completed' : roll < 0.98 ? 'error' : 'cancelled';
}

/**
 * Everything that was ordered for a seeded subscription, oldest first: its purchase, up to two seat changes, its latest
 * renewal, a cancellation for some that are gone (most ended without any order), a change parked until renewal for a few.
 */
export function drawHistory(columns: SubscriptionColumns, index: number, offer: DrawnOffer): PastOrder[] {
  const { seed } = columns.ground;
  const created = columns.createdMinute(index);
  const status = columns.status[index]!;
  const ended = endMinute(columns, index);
  let seats = offer.item ? 1 + Math.floor(dice(seed, index, 60) ** 3 * 60) : 0;
  const orders: PastOrder[] = [
    { sequence: 0, kind: 'sales', minute: created, seats, status: status === 0 ? 'processing' : 'completed' },
  ];
  const started = columns.startedMinute[index]!;
  const last = ended ?? columns.epochMinute;
  const change = (sequence: number, minute: number, delta: number) => {
    if (
      !offer.item ||
      minute >= last ||
      seats + delta < 1 ||
      seats + delta > offer.item.maximum ||
      delta === 0
    )
      return;
    const result = outcome(seed, index, 64 + sequence);
    if (result === 'completed') seats += delta;
    orders.push({ sequence, kind: 'change', minute, seats: delta, status: result });
  };
  if (status !== 0) {
    if (dice(seed, index, 61) < 0.6)
      change(
        1,
        created + 60 + Math.floor(dice(seed, index, 62) * 6 * day),
        Math.floor(dice(seed, index, 63) * 8) - 3,
      );
    const free = last - created - 8 * day;
    if (dice(seed, index, 67) < 0.5 && free > 0)
      change(
        2,
        created + 8 * day + Math.floor(dice(seed, index, 68) * free),
        1 + Math.floor(dice(seed, index, 69) * 9),
      );
  }
  if (started > created)
    orders.push({ sequence: 3, kind: 'renewal', minute: started, seats: 0, status: 'completed' });
  if (status === 4 && dice(seed, index, 70) < 0.1)
    orders.push({ sequence: 4, kind: 'cancellation', minute: last, seats: 0, status: 'completed' });
  if (status === 1 && offer.item?.kind === 'nce' && seats > 1 && dice(seed, index, 71) < 0.02)
    orders.push({
      sequence: scheduledSequence,
      kind: 'scheduled',
      minute: Math.floor((Math.max(started, created) + columns.epochMinute) / 2),
      seats: seats - 1,
      status: 'processing',
    });
  return orders.sort((a, b) => a.minute - b.minute || a.sequence - b.sequence);
}

/** When a seeded subscription ended, in minutes; undefined while it is live. */
export function endMinute(columns: SubscriptionColumns, index: number): number | undefined {
  const status = columns.status[index]!;
  if (status === 3) return columns.dueMinute[index]! - 30 * day;
  if (status !== 4) return undefined;
  const created = columns.createdMinute(index);
  const roll = dice(columns.ground.seed, index, 72);
  return Math.floor(created + Math.max(1, (columns.epochMinute - 31 * day - created) * roll));
}

const statuses = ['completed', 'error', 'cancelled', 'processing'] as const satisfies OrderStatus[];
const sequences = 8;
const subscriptionsAtMost = 2 ** 21;
const minuteMs = 60_000;

/**
 * The past orders of all seeded subscriptions as one sorted column of numbers: minute, subscription and sequence packed into
 * each (and its status), oldest first. The position in it is the order's number; the order itself is generated when it is
 * read.
 */
export class OrderHistory {
  private readonly keys: Float64Array;
  private readonly originMinute: number;

  constructor(private readonly columns: SubscriptionColumns) {
    const { subscriptions, seed, catalogue } = columns.ground;
    if (subscriptions > subscriptionsAtMost)
      throw new RangeError(
        `A world holds at most ${subscriptionsAtMost} subscriptions, not ${subscriptions}.`,
      );
    this.originMinute = subscriptions > 0 ? columns.createdMinute(0) : columns.epochMinute;
    const keys = new Float64Array(subscriptions * 6);
    let size = 0;
    for (let index = 0; index < subscriptions; index++)
      for (const order of drawHistory(columns, index, drawOffer(seed, index, catalogue)))
        keys[size++] = this.packKey(index, order);
    this.keys = keys.slice(0, size).sort();
  }

  get size(): number {
    return this.keys.length;
  }

  /** The order at a position and the position of the subscription it belongs to. */
  at(position: number): { subscription: number; order: PastOrder; earlier: PastOrder[] } {
    const key = Math.floor(this.keys[position]! / statuses.length);
    const sequence = key % sequences;
    const subscription = Math.floor(key / sequences) % subscriptionsAtMost;
    const all = this.ofSubscription(subscription);
    const n = all.findIndex((order) => order.sequence === sequence);
    return { subscription, order: all[n]!, earlier: all.slice(0, n) };
  }

  ofSubscription(subscription: number): PastOrder[] {
    const { seed, catalogue } = this.columns.ground;
    return drawHistory(this.columns, subscription, drawOffer(seed, subscription, catalogue));
  }

  /** Where the orders of a subscription stand, ascending. */
  positionsFor(subscription: number): number[] {
    return this.ofSubscription(subscription).map((order) =>
      this.firstFrom(this.packKey(subscription, order)),
    );
  }

  statusAt(position: number): { status: OrderStatus; statusCode: StatusCode } {
    const key = this.keys[position]!;
    const status = statuses[key % statuses.length]!;
    return { status, statusCode: pastCode(status, Math.floor(key / statuses.length) % sequences) };
  }

  createdAt(position: number): number {
    return (
      (Math.floor(this.keys[position]! / statuses.length / sequences / subscriptionsAtMost) +
        this.originMinute) *
      minuteMs
    );
  }

  private packKey(subscription: number, { minute, sequence, status }: PastOrder): number {
    const key = ((minute - this.originMinute) * subscriptionsAtMost + subscription) * sequences + sequence;
    return key * statuses.length + statuses.findIndex((known) => known === status);
  }

  private firstFrom(key: number): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Writes a past order out. `subscription` is the one it belongs to, as it stood when the world began. */
export function seededOrder(
  id: string,
  index: number,
  past: PastOrder,
  subscription: SubscriptionState,
): OrderState {
  const scheduled = past.kind === 'scheduled';
  const type = past.kind === 'scheduled' ? 'change' : past.kind;
  const createdAt = past.minute * minuteMs;
  const lines = type === 'renewal' || type === 'cancellation' ? [] : pastLines(past, subscription, createdAt);
  return {
    index,
    id,
    number: orderNumber(type, index),
    type,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    poNumber: type === 'change' ? `C-${100000 + index}` : subscription.attributes.PONumber,
    attributes: {},
    ...(scheduled ? { scheduledOn: 'renewal' } : {}),
    lines,
    totalCents: lines.reduce((sum, line) => sum + line.amountCents, 0),
    createdAt,
    ...(past.status === 'completed' ? { provisionedAt: createdAt + (90 + (index % 400)) * 1000 } : {}),
    status: past.status,
    statusCode: pastCode(past.status, past.sequence),
    creditCheck: true,
    effective: true,
  };
}

function pastLines(past: PastOrder, subscription: SubscriptionState, at: number): OrderLine[] {
  const products = past.kind === 'sales' ? subscription.products : subscription.products.slice(0, 1);
  return products.map(({ item }, n) => {
    const quantity = n === 0 ? past.seats : subscription.products[n]!.quantity;
    return {
      item,
      quantity,
      amountCents: past.kind === 'scheduled' ? 0 : item.priceCents * quantity,
      subscriptionId: subscription.id,
      from: at,
      until: addPeriod(at, item.billing),
    };
  });
}
