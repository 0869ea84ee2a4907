import { firstCustomerId, seededTenants } from '../customers/customer.ts';
import { drawHistory, endMinute, type PastOrder } from '../orders/order-history.ts';
import type { Parameter } from '../wire/simple-api.ts';
import { addPeriod } from '../world/period.ts';
import { dice, guid } from '../world/random.ts';
import { Rows, type Slice } from '../world/rows.ts';
import { changeLots, renewedLots, type SeatLot } from './nce.ts';
import {
  type DrawnOffer,
  drawOffer,
  never,
  statusCodes,
  type SubscriptionColumns,
} from './subscription-columns.ts';
import type { SubscribedProduct, SubscriptionState, SubscriptionStatus } from './subscription.ts';

const minute = 60_000;

/** What `GET /subscriptions` filters by; instants in milliseconds, both ends included. */
interface SubscriptionFilter {
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

export const firstSubscriptionId = 1300001;

/** The subscription at a position, as it stood when the world began. */
export function seededSubscription(columns: SubscriptionColumns, index: number): SubscriptionState {
  const { seed, catalogue } = columns.ground;
  const offer = drawOffer(seed, index, catalogue);
  const history = drawHistory(columns, index, offer);
  const status = statusCodes[columns.status[index]!]!;
  const createdAt = columns.createdMinute(index) * minute;
  const started = columns.startedMinute[index]! * minute;
  const ended = endMinute(columns, index);
  const changed = history.filter((past) => past.kind === 'change' && past.status === 'completed');
  const lots = drawLots(history, started / minute);
  return {
    index,
    id: String(firstSubscriptionId + index),
    name: offer.name,
    customerId: String(firstCustomerId + columns.owner[index]!),
    status,
    attributes: dice(seed, index, 80) < 0.85 ? { PONumber: `PO-${200000 + index}` } : {},
    renewalStatus: status === 'active' ? dice(seed, index, 81) < 0.85 : status === 'pending',
    createdAt,
    modifiedAt: (ended ?? Math.max(started / minute, ...changed.map((past) => past.minute))) * minute,
    ...drawTerm(columns, index, offer, started),
    term: offer.term,
    billing: offer.billing,
    planId: offer.item?.planId ?? 9001 + Math.floor(dice(seed, index, 51) * 3),
    products: drawProducts(columns, index, offer, lots),
    lots,
    ...drawParameters(columns, index, offer),
  };
}

function drawTerm(columns: SubscriptionColumns, index: number, offer: DrawnOffer, started: number) {
  const status = statusCodes[columns.status[index]!]!;
  const ended = endMinute(columns, index);
  if (status === 'pending') return {};
  if (ended === undefined) return { termStartedAt: started, termEndsAt: addPeriod(started, offer.term) };
  // A removed perpetual licence keeps an expiration date years ahead, as observed in live data.
  const perpetual = status === 'removed' && dice(columns.ground.seed, index, 73) < 0.03;
  return {
    termStartedAt: started,
    termEndsAt: perpetual ? addPeriod(ended * minute, { type: 'year', duration: 5 }) : ended * minute,
  };
}

function drawLots(history: readonly PastOrder[], startedMinute: number): SeatLot[] {
  let lots: SeatLot[] = [];
  for (const past of history) {
    if (past.kind === 'sales' || (past.kind === 'change' && past.status === 'completed'))
      lots = changeLots(lots, past.seats, past.minute * minute);
    if (past.kind === 'renewal') lots = renewedLots(sum(lots), startedMinute * minute);
  }
  return lots;
}

function sum(lots: readonly SeatLot[]): number {
  return lots.reduce((total, lot) => total + lot.quantity, 0);
}

function drawProducts(
  columns: SubscriptionColumns,
  index: number,
  { item, addOn }: DrawnOffer,
  lots: SeatLot[],
): SubscribedProduct[] {
  if (!item) return [];
  let face = 90;
  const microsoft = item.vendor === 'MICROSOFT' && columns.status[index] !== 0;
  const vendorSubscriptionId = microsoft ? guid(() => dice(columns.ground.seed, index, face++)) : undefined;
  const base = { item, quantity: sum(lots), vendorSubscriptionId };
  return addOn
    ? [base, { item: addOn, quantity: 1 + Math.floor(dice(columns.ground.seed, index, 89) * 5) }]
    : [base];
}

function drawParameters(
  columns: SubscriptionColumns,
  index: number,
  { item }: DrawnOffer,
): { orderParameters: Parameter[]; fulfillmentParameters: Parameter[] } {
  const none = { orderParameters: [], fulfillmentParameters: [] };
  const tenants =
    item?.vendor === 'MICROSOFT' ? seededTenants(columns.ground.seed, columns.owner[index]!) : [];
  const tenant = tenants[Math.floor(dice(columns.ground.seed, index, 82) * tenants.length)];
  if (!tenant || !item) return none;
  const pending = columns.status[index] === 0;
  return {
    orderParameters:
      item.kind === 'nce'
        ? [{ name: 'microsoft_domain', value: tenant.domain }]
        : // Legacy Office 365 takes the prefix only.
          [{ name: 'domain', value: tenant.domain.replace('.onmicrosoft.com', '') }],
    fulfillmentParameters: pending ? [] : [{ name: 'ms_customer_id', value: tenant.tenantId }],
  };
}
