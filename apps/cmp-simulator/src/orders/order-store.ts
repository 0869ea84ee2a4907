import type { SubscriptionColumns } from '../subscriptions/subscription-columns.ts';
import {
  firstSubscriptionId,
  seededSubscription,
  type SubscriptionStore,
} from '../subscriptions/subscription-store.ts';
import { Rows, type Slice } from '../world/rows.ts';
import { type OrderHistory, seededOrder } from './order-history.ts';
import { type OrderDraft, orderNumber, type OrderState } from './order.ts';

const firstOrderId = 2000001;

/** What `GET /orders` filters by; instants in milliseconds, both ends included. */
interface OrderFilter {
  customerId?: string | undefined;
  subscriptionId?: string | undefined;
  orderNumber?: string | undefined;
  status?: string | undefined;
  statusCode?: string | undefined;
  createdFrom?: number | undefined;
  createdTo?: number | undefined;
}

/** The orders of one account, past and new. */
export class OrderStore {
  readonly rows: Rows<OrderState>;
  private readonly addedBy = new Map<string, number[]>();

  constructor(
    columns: SubscriptionColumns,
    private readonly history: OrderHistory,
    private readonly subscriptions: SubscriptionStore,
  ) {
    this.rows = new Rows(history.size, firstOrderId, (index) => {
      const { subscription, order } = history.at(index);
      return seededOrder(
        String(firstOrderId + index),
        index,
        order,
        seededSubscription(columns, subscription),
      );
    });
  }

  find(id: string): OrderState | undefined {
    const index = this.rows.indexOf(id);
    return index === undefined ? undefined : this.rows.at(index);
  }

  /** The order to change in place; throws a RangeError for an unknown id. */
  edit(id: string): OrderState {
    const index = this.rows.indexOf(id);
    if (index === undefined) throw new RangeError(`There is no order ${id}.`);
    return this.rows.edit(index);
  }

  add(draft: OrderDraft, at: number): OrderState {
    const order = this.rows.add((index) => ({
      ...draft,
      index,
      id: this.rows.idOf(index),
      number: orderNumber(draft.type, index),
      createdAt: at,
      status: 'submitted',
      statusCode: 'WP',
      creditCheck: true,
      effective: true,
    }));
    this.link(`customer ${order.customerId}`, order.index);
    if (order.subscriptionId) this.link(`subscription ${order.subscriptionId}`, order.index);
    return order;
  }

  /** Records the subscription that a sales order created. */
  attach(order: OrderState, subscriptionId: string): void {
    order.subscriptionId ??= subscriptionId;
    this.link(`subscription ${subscriptionId}`, order.index);
  }

  /** The orders of a subscription, oldest first. */
  ofSubscription(id: string): OrderState[] {
    return this.positionsFor(id).map((index) => this.rows.at(index));
  }

  /** The change of a subscription that waits for its next renewal, ready to be changed in place. */
  scheduledFor(subscriptionId: string): OrderState | undefined {
    const found = this.positionsFor(subscriptionId).find((index) => this.standing(index).statusCode === 'AS');
    return found === undefined ? undefined : this.rows.edit(found);
  }

  list(slice: Slice, filter: OrderFilter) {
    const { status, statusCode, createdFrom, createdTo } = filter;
    return this.rows.page(slice, {
      among: this.among(filter),
      passes:
        status === undefined && statusCode === undefined
          ? undefined
          : (index) => {
              const found = this.standing(index);
              return (
                (status ?? found.status) === found.status &&
                (statusCode ?? found.statusCode) === found.statusCode
              );
            },
      from: createdFrom === undefined ? 0 : this.rows.firstSince(createdFrom, this.createdAt),
      before: createdTo === undefined ? undefined : this.rows.firstSince(createdTo + 1, this.createdAt),
    });
  }

  private standing(index: number): Pick<OrderState, 'status' | 'statusCode'> {
    return this.rows.kept(index) ?? this.history.statusAt(index);
  }

  private among({ customerId, subscriptionId, orderNumber: number }: OrderFilter): number[] | undefined {
    const sets: number[][] = [];
    if (number !== undefined) {
      const index = Number(number.replace(/^\D+/, '')) - 1;
      sets.push(index >= 0 && index < this.rows.size && this.rows.at(index).number === number ? [index] : []);
    }
    if (subscriptionId !== undefined) sets.push(this.positionsFor(subscriptionId));
    if (customerId !== undefined) {
      const seeded = this.subscriptions.seededFor(customerId);
      const past = seeded.flatMap((index) => this.history.positionsFor(index)).sort((a, b) => a - b);
      sets.push([...past, ...(this.addedBy.get(`customer ${customerId}`) ?? [])]);
    }
    if (sets.length === 0) return undefined;
    return sets.reduce((kept, other) => kept.filter((index) => other.includes(index)));
  }

  private positionsFor(subscriptionId: string): number[] {
    const index = Number(subscriptionId) - firstSubscriptionId;
    const past = index >= 0 && index < this.subscriptions.rows.seeded ? this.history.positionsFor(index) : [];
    return [...past, ...(this.addedBy.get(`subscription ${subscriptionId}`) ?? [])];
  }

  private link(key: string, index: number): void {
    const linked = this.addedBy.get(key);
    if (!linked) this.addedBy.set(key, [index]);
    else if (!linked.includes(index)) linked.push(index);
  }

  private readonly createdAt = (index: number): number =>
    index < this.rows.seeded ? this.history.createdAt(index) : this.rows.at(index).createdAt;
}
