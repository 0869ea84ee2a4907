import type { CmpOrder, CmpOrderDetail, CmpSubscription } from '@isthmus/cmp-client';
import {
  ProviderOrderSettledV1,
  ProviderSubscriptionAppearedV1,
  ProviderSubscriptionChangedV1,
  ProviderSubscriptionEndedV1,
  type SubscriptionLineV1,
} from '@isthmus/contracts';
import type { Clock } from '@isthmus/domain';
import { event } from '@isthmus/messaging';
import { isDeepStrictEqual } from 'node:util';
import { MemoryOutbox, uuidOf } from '../events/outbox.ts';

const tenantId = uuidOf(0, 1);
const connectorId = uuidOf(0, 2);

/** What is told of a subscription; a difference in anything else is no news. */
interface Told {
  account: string;
  status: string;
  autoRenew: boolean;
  renewalDate: string | undefined;
  lines: SubscriptionLineV1[] | undefined;
}

interface MirroredSubscription {
  told: Told;
  version: number;
  /** The list showed something new; the detail, which alone has the lines, has not been read since. */
  wanted: boolean;
  /** When the detail was read last; 0: never. */
  detailAt: number;
}

interface MirroredOrder {
  status: string;
  version: number;
  /** It is done, and the subscription it is about has not been read since. */
  due: boolean;
}

/** CMP's subscriptions and orders as last read, and how far the orders were read. Each method is one transaction. */
export class Mirror {
  readonly subscriptions = new Map<string, MirroredSubscription>();
  readonly orders = new Map<string, MirroredOrder>();
  /** Orders whose rows could not be read; they are behind the cursor soon, and asked for by themselves. */
  readonly unreadOrders = new Set<string>();
  cursor: string | undefined;
  readonly outbox: MemoryOutbox;

  constructor(
    private readonly clock: Clock,
    idSeed: number,
  ) {
    this.outbox = new MemoryOutbox(clock, idSeed);
  }

  storeOrder(order: CmpOrder): void {
    const before = this.orders.get(order.id);
    this.unreadOrders.delete(order.id);
    if (before?.status === order.status) return;
    const { status, id } = order;
    const version = (before?.version ?? 0) + 1;
    const open = status === 'submitted' || status === 'processing';
    this.orders.set(id, { status, version, due: status === 'completed' || status === 'error' });
    if (!open) this.tellOrder(order, version);
  }

  /** What the detail of a finished order says besides: its subscription and its lines. */
  storeOrderDetail(order: CmpOrderDetail): void {
    const before = this.orders.get(order.id)!;
    before.version += 1;
    this.tellOrder(order, before.version, {
      cmpSubscriptionId: order.subscriptionId,
      scheduledOn: order.scheduledOn,
      lines: order.products.map(({ mpn = '?', quantity }) => ({ mpn, quantity })),
    });
  }

  private tellOrder(
    { id, type, status, orderNumber = '', customerId, creationDate }: CmpOrder,
    version: number,
    more: Partial<ProviderOrderSettledV1> = {},
  ): void {
    const asOf = new Date(this.clock.now()).toISOString();
    const of = { connectorId, cmpOrderId: id, orderNumber, type, status, cmpAccountId: customerId };
    const data = { ...of, createdAt: creationDate, ...more, asOf };
    this.outbox.say([event(ProviderOrderSettledV1, data, { tenantId, aggregateId: `order ${id}`, version })]);
  }

  /** A row of the list, which has no lines, or a detail. */
  storeSubscription(row: CmpSubscription, readAt: number, lines?: SubscriptionLineV1[]): void {
    const before = this.subscriptions.get(row.id);
    const told: Told = {
      account: row.customerId,
      status: row.status,
      autoRenew: row.renewalStatus ?? false,
      renewalDate: row.renewalDate,
      // What only the list says goes out with the lines last read, as account-sync does.
      lines: lines ?? before?.told.lines,
    };
    const detailAt = lines ? readAt : (before?.detailAt ?? 0);
    if (before && isDeepStrictEqual(before.told, told)) {
      before.detailAt = detailAt;
      before.wanted &&= lines === undefined;
      return;
    }
    const version = (before?.version ?? 0) + 1;
    const wanted = lines === undefined && isLive(row.status);
    this.subscriptions.set(row.id, { told, version, wanted, detailAt });
    this.tell(row, told, version, readAt, before);
  }

  /** What a complete list contains no longer has ended. */
  endUnlisted(listed: ReadonlySet<string>, readAt: number): void {
    for (const [id, { told, version, detailAt }] of this.subscriptions) {
      if (listed.has(id) || !isLive(told.status)) continue;
      const status = 'no-longer-listed';
      const next = version + 1;
      this.subscriptions.set(id, { told: { ...told, status }, version: next, wanted: false, detailAt });
      this.tellEnd({ id, customerId: told.account }, { status: told.status, reason: status }, next, readAt);
    }
  }

  /** A detail that could not be read is wanted still. */
  want(id: string): void {
    const known = this.subscriptions.get(id);
    if (known && isLive(known.told.status)) known.wanted = true;
  }

  /** Whether the details of all live subscriptions, but those that cannot be read, were read since. */
  detailsSince(at: number, cannotBeRead: (id: string) => boolean): boolean {
    return [...this.subscriptions].every(
      ([id, { told, wanted, detailAt }]) =>
        !isLive(told.status) || (!wanted && detailAt > at) || cannotBeRead(id),
    );
  }

  /** Whether every order that has to be read again, but those that cannot be read, was. */
  ordersRead(cannotBeRead: (id: string) => boolean): boolean {
    const due = [...this.orders].flatMap(([id, order]) => (order.due ? [id] : []));
    return [...due, ...this.unreadOrders].every(cannotBeRead);
  }

  private tellEnd(
    { id, customerId }: Pick<CmpSubscription, 'id' | 'customerId'>,
    { status, reason }: Pick<ProviderSubscriptionEndedV1, 'status' | 'reason'>,
    version: number,
    readAt: number,
  ): void {
    const of = { connectorId, cmpSubscriptionId: id, cmpAccountId: customerId };
    const providerSubscriptionId = subscriptionIdOf(id);
    const asOf = new Date(readAt).toISOString();
    const facts = { tenantId, aggregateId: providerSubscriptionId, version };
    const data = { ...of, providerSubscriptionId, status, reason, asOf };
    this.outbox.say([event(ProviderSubscriptionEndedV1, data, facts)]);
  }

  private tell(
    row: CmpSubscription,
    told: Told,
    version: number,
    readAt: number,
    before?: MirroredSubscription,
  ): void {
    const id = subscriptionIdOf(row.id);
    const of = {
      connectorId,
      providerSubscriptionId: id,
      cmpSubscriptionId: row.id,
      cmpAccountId: row.customerId,
    };
    const facts = { tenantId, aggregateId: id, version };
    const asOf = new Date(readAt).toISOString();
    const { status } = row;
    if (before && isLive(before.told.status) && !isLive(status))
      return this.tellEnd(row, { status, reason: 'terminated' }, version, readAt);
    const { creationDate, renewalDate, expirationDate, name = '' } = row;
    const { autoRenew, lines } = told;
    const dates = { creationDate, renewalDate, expirationDate, term: row.subscriptionPeriod };
    const data = {
      ...of,
      name,
      status,
      autoRenew,
      ...dates,
      quantityKnown: lines !== undefined,
      lines: lines ?? [],
      asOf,
    };
    const contract = before ? ProviderSubscriptionChangedV1 : ProviderSubscriptionAppearedV1;
    this.outbox.say([event(contract, data, facts)]);
  }
}

export const isLive = (status: string): boolean => status === 'active' || status === 'pending';

/** Our id of a subscription, from CMP's, as account-sync derives it too. */
export const subscriptionIdOf = (cmpSubscriptionId: string): string => uuidOf(1, Number(cmpSubscriptionId));
