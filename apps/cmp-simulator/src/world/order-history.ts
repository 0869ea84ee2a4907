import type { OrderStatus, StatusCode } from '../rules/order-lifecycle.ts';
import { drawHistory, pastCode, type PastOrder } from './history-seed.ts';
import { drawOffer } from './offer-draw.ts';
import type { SubscriptionColumns } from './subscription-columns.ts';

const statuses = ['completed', 'error', 'cancelled', 'processing'] as const satisfies OrderStatus[];
const sequences = 8;
const subscriptionsAtMost = 2 ** 21;
const minute = 60_000;

/**
 * The past orders of all seeded subscriptions as one sorted column of numbers: minute, subscription and sequence packed
 * into each (and its status), oldest first. The position in it is the order's number; the order itself is drawn when it is looked at.
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
        keys[size++] = this.keyOf(index, order);
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
  positionsOf(subscription: number): number[] {
    return this.ofSubscription(subscription).map((order) => this.firstFrom(this.keyOf(subscription, order)));
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
      minute
    );
  }

  private keyOf(subscription: number, { minute, sequence, status }: PastOrder): number {
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
