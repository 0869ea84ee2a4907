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
    if (before && isDeepStrictEqual(before.told, told)) {
      before.wanted &&= lines === undefined;
      return;
    }
    const version = (before?.version ?? 0) + 1;
    this.subscriptions.set(row.id, { told, version, wanted: lines === undefined && isLive(row.status) });
    this.tell(row, told, version, readAt, before);
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
    if (before && isLive(before.told.status) && !isLive(status)) {
      const data = { ...of, status, reason: 'terminated' as const, asOf };
      return this.outbox.say([event(ProviderSubscriptionEndedV1, data, facts)]);
    }
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
