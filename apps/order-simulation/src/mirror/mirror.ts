import { isDeepStrictEqual } from 'node:util';
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
import { MemoryOutbox, uuidOf } from '../world/event-bus.ts';

const tenantId = uuidOf(0, 1);
const connectorId = uuidOf(0, 2);

/** What is published of a subscription; a difference in anything else is no event. */
interface CommandOutcome {
  account: string;
  status: string;
  autoRenew: boolean;
  renewalDate: string | undefined;
  lines: SubscriptionLineV1[] | undefined;
}

interface MirroredSubscription {
  published: CommandOutcome;
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
  /** Orders whose rows could not be read; they are behind the cursor soon, and read one by one. */
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
    if (!open) this.publishOrder(order, version);
  }

  /** What the detail of a finished order says besides: its subscription and its lines. */
  storeOrderDetail(order: CmpOrderDetail): void {
    const before = this.orders.get(order.id)!;
    before.version += 1;
    this.publishOrder(order, before.version, {
      cmpSubscriptionId: order.subscriptionId,
      scheduledOn: order.scheduledOn,
      lines: order.products.map(({ mpn = '?', quantity }) => ({ mpn, quantity })),
    });
  }

  private publishOrder(
    { id, type, status, orderNumber = '', customerId, creationDate }: CmpOrder,
    version: number,
    more: Partial<ProviderOrderSettledV1> = {},
  ): void {
    const asOf = new Date(this.clock.now()).toISOString();
    const of = { connectorId, cmpOrderId: id, orderNumber, type, status, cmpAccountId: customerId };
    const data = { ...of, createdAt: creationDate, ...more, asOf };
    this.outbox.append([
      event(ProviderOrderSettledV1, data, { tenantId, aggregateId: `order ${id}`, version }),
    ]);
  }

  /** A row of the list, which has no lines, or a detail. */
  storeSubscription(row: CmpSubscription, readAt: number, lines?: SubscriptionLineV1[]): void {
    const before = this.subscriptions.get(row.id);
    const published: CommandOutcome = {
      account: row.customerId,
      status: row.status,
      autoRenew: row.renewalStatus ?? false,
      renewalDate: row.renewalDate,
      // What only the list says is published with the lines last read, as account-sync does.
      lines: lines ?? before?.published.lines,
    };
    const detailAt = lines ? readAt : (before?.detailAt ?? 0);
    if (before && isDeepStrictEqual(before.published, published)) {
      before.detailAt = detailAt;
      before.wanted &&= lines === undefined;
      return;
    }
    const version = (before?.version ?? 0) + 1;
    const wanted = lines === undefined && isLive(row.status);
    this.subscriptions.set(row.id, { published, version, wanted, detailAt });
    this.publish(row, published, version, readAt, before);
  }

  /** What a complete list contains no longer has ended. */
  endUnlisted(listed: ReadonlySet<string>, readAt: number): void {
    for (const [id, { published, version, detailAt }] of this.subscriptions) {
      if (listed.has(id) || !isLive(published.status)) continue;
      const status = 'no-longer-listed';
      const next = version + 1;
      this.subscriptions.set(id, {
        published: { ...published, status },
        version: next,
        wanted: false,
        detailAt,
      });
      this.publishEnd(
        { id, customerId: published.account },
        { status: published.status, reason: status },
        next,
        readAt,
      );
    }
  }

  /** A detail that could not be read is wanted still. */
  want(id: string): void {
    const known = this.subscriptions.get(id);
    if (known && isLive(known.published.status)) known.wanted = true;
  }

  /** Whether the details of all live subscriptions, but those that cannot be read, were read since. */
  detailsSince(at: number, cannotBeRead: (id: string) => boolean): boolean {
    return [...this.subscriptions].every(
      ([id, { published, wanted, detailAt }]) =>
        !isLive(published.status) || (!wanted && detailAt > at) || cannotBeRead(id),
    );
  }

  /** Whether every order that has to be read again, but those that cannot be read, was. */
  ordersRead(cannotBeRead: (id: string) => boolean): boolean {
    const due = [...this.orders].flatMap(([id, order]) => (order.due ? [id] : []));
    return [...due, ...this.unreadOrders].every(cannotBeRead);
  }

  private publishEnd(
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
    this.outbox.append([event(ProviderSubscriptionEndedV1, data, facts)]);
  }

  private publish(
    row: CmpSubscription,
    published: CommandOutcome,
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
    if (before && isLive(before.published.status) && !isLive(status))
      return this.publishEnd(row, { status, reason: 'terminated' }, version, readAt);
    const { creationDate, renewalDate, expirationDate, name = '' } = row;
    const { autoRenew, lines } = published;
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
    this.outbox.append([event(contract, data, facts)]);
  }
}

export const isLive = (status: string): boolean => status === 'active' || status === 'pending';

/** Our id of a subscription, from CMP's, as account-sync derives it too. */
export const subscriptionIdOf = (cmpSubscriptionId: string): string => uuidOf(1, Number(cmpSubscriptionId));
