import type { SubscriptionState, SubscriptionStatus } from './subscription.ts';
import { firstCustomerId } from '../customers/customer-seed.ts';
import { Rows, type Slice } from '../world/rows.ts';
import { never, statusCodes, type SubscriptionColumns } from './subscription-columns.ts';
import { firstSubscriptionId, seededSubscription } from './subscription-seed.ts';

const minute = 60_000;

/** What `GET /subscriptions` filters by; instants in milliseconds, both ends included. */
export interface SubscriptionFilter {
  customerId?: string | undefined;
  status?: string | undefined;
  createdFrom?: number | undefined;
  createdTo?: number | undefined;
}

/** The subscriptions of one account, seeded and added. */
export class SubscriptionStore {
  readonly rows: Rows<SubscriptionState>;
  private readonly due: Int32Array;
  private readonly addedBy = new Map<string, number[]>();
  /** The new owners of those that were transferred. */
  private readonly moved = new Map<number, string>();

  constructor(private readonly columns: SubscriptionColumns) {
    this.rows = new Rows(columns.ground.subscriptions, firstSubscriptionId, (index) =>
      seededSubscription(columns, index),
    );
    this.due = columns.dueMinute.slice();
  }

  find(id: string): SubscriptionState | undefined {
    const index = this.rows.indexOf(id);
    return index === undefined ? undefined : this.rows.at(index);
  }

  /** The subscription to change in place; throws a RangeError for an unknown id. */
  edit(id: string): SubscriptionState {
    const index = this.rows.indexOf(id);
    if (index === undefined) throw new RangeError(`There is no subscription ${id}.`);
    return this.rows.edit(index);
  }

  add(make: (identity: { index: number; id: string }) => SubscriptionState): SubscriptionState {
    const added = this.rows.add((index) => make({ index, id: this.rows.idOf(index) }));
    this.addedBy.set(added.customerId, [...(this.addedBy.get(added.customerId) ?? []), added.index]);
    return added;
  }

  /** Moves it to another customer; its orders stay behind. Throws a RangeError for an unknown id. */
  transfer(id: string, customerId: string): void {
    const subscription = this.edit(id);
    subscription.customerId = customerId;
    this.moved.set(subscription.index, customerId);
  }

  /** Positions of those that were the customer's when the world began. */
  seededFor(customerId: string): number[] {
    return this.columns.positionsFor(Number(customerId) - firstCustomerId);
  }

  private positionsFor(customerId: string): number[] {
    const first = [...this.seededFor(customerId), ...(this.addedBy.get(customerId) ?? [])];
    if (this.moved.size === 0) return first;
    const stayed = first.filter((index) => !this.moved.has(index));
    const came = [...this.moved].filter(([, owner]) => owner === customerId).map(([index]) => index);
    return [...stayed, ...came].sort((a, b) => a - b);
  }

  list(slice: Slice, { customerId, status, createdFrom, createdTo }: SubscriptionFilter) {
    return this.rows.page(slice, {
      among: customerId === undefined ? undefined : this.positionsFor(customerId),
      passes: status === undefined ? undefined : (index) => this.statusAt(index) === status,
      from: createdFrom === undefined ? 0 : this.rows.firstSince(createdFrom, this.createdAt),
      before: createdTo === undefined ? undefined : this.rows.firstSince(createdTo + 1, this.createdAt),
    });
  }

  /** Seeded rows that are due up to `until`; each is returned once. */
  takeDue(until: number): { index: number; at: number }[] {
    const taken: { index: number; at: number }[] = [];
    for (let index = 0; index < this.due.length; index++) {
      if (this.due[index]! * minute > until) continue;
      taken.push({ index, at: this.due[index]! * minute });
      this.due[index] = never;
    }
    return taken;
  }

  /** The earliest instant at which a seeded row is due. */
  earliestDue(): number {
    let earliest = never;
    for (const due of this.due) if (due < earliest) earliest = due;
    return earliest * minute;
  }

  private statusAt(index: number): SubscriptionStatus {
    return this.rows.kept(index)?.status ?? statusCodes[this.columns.status[index]!]!;
  }

  private readonly createdAt = (index: number): number =>
    index < this.rows.seeded ? this.columns.createdMinute(index) * minute : this.rows.at(index).createdAt;
}
