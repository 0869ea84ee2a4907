import type { Clock } from '@isthmus/domain';
import { ApiResponse, type IdempotentRequest, replay, type StoredResponse } from '@isthmus/service-kit';
import { orderEvent } from '@isthmus/subscription-lifecycle/orders/order-events.ts';
import {
  blockingStatuses,
  isFinal,
  type OrderStatus,
} from '@isthmus/subscription-lifecycle/orders/order-lifecycle.ts';
import {
  newOrder,
  type ObservedOrder,
  type OrderRecord,
  type OrderSpec,
  queueKey,
} from '@isthmus/subscription-lifecycle/orders/order.ts';
import { leaseMs } from '@isthmus/subscription-lifecycle/orders/protocol/order-steps.ts';
import {
  type ClaimedOrder,
  LeaseLost,
  type OrderStore,
  type SaveMore,
} from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import type { SeatLot } from '@isthmus/subscription-lifecycle/subscriptions/rules/seat-lots.ts';
import { MemoryOutbox, type Stage, uuidOf } from './event-bus.ts';

const tenantId = uuidOf(0, 1);
const connectorId = uuidOf(0, 2);

const followed: ReadonlySet<OrderStatus> = new Set(['accepted', 'scheduled', 'needs-attention']);

export interface Row {
  order: OrderRecord;
  queue: string;
  version: number;
  fence: number;
  leasedUntil: number;
}

/** What the service shows of an order to anybody. */
export interface PublicOrder {
  id: string;
  marker: string;
  spec: OrderSpec;
  status: OrderStatus;
  reason: string | null;
  cmpOrderId: string | null;
  cmpSubscriptionId: string | null;
  requestedAt: number;
  finishedAt: number | null;
}

/** A line of an order's public history. */
export interface HistoryLine {
  orderId: string;
  version: number;
  status: OrderStatus;
  at: number;
}

/** The store of orders in memory, with the rules of the one in PostgreSQL: a shared suite holds both to them. */
export class MemoryStore implements OrderStore {
  readonly rows = new Map<string, Row>();
  readonly history: HistoryLine[] = [];
  readonly outbox: MemoryOutbox;
  /** The seat lots kept of a subscription, by CMP's id. */
  lotsOf: (cmpSubscriptionId: string) => readonly SeatLot[] | null = () => null;
  /** Explains what was read of a subscription, by CMP's id, by an order of ours that is proved now. */
  explain: (cmpSubscriptionId: string) => void = () => undefined;
  private longestSeen = 0;
  private ids = 0;
  /** Called for each write of an order, to trace a scenario. */
  onWrite: (order: OrderRecord, fence: number) => void = () => undefined;
  private bell = Promise.withResolvers<void>();

  constructor(
    private readonly clock: Clock,
    private readonly idSeed: number,
  ) {
    this.outbox = new MemoryOutbox(clock, idSeed + 1);
  }

  /** A new order at the end of its queue. */
  insert(spec: OrderSpec): string {
    this.ids += 1;
    const id = uuidOf(this.idSeed, this.ids);
    const order = newOrder(id, spec, { highestTotal: null, extraProducts: 'any' }, this.clock.now());
    this.rows.set(id, { order, queue: queueKey(spec), version: 1, fence: 0, leasedUntil: 0 });
    this.history.push({ orderId: id, version: 1, status: order.status, at: order.requestedAt });
    this.ring();
    return id;
  }

  /** Applies a person's decision, whichever worker holds the order; its holder's next write is refused then. */
  async change(id: string, change: (order: OrderRecord, now: number) => OrderRecord): Promise<void> {
    const row = this.rows.get(id)!;
    this.put(row, change(row.order, this.clock.now()));
    this.ring();
  }

  /** Resolves when something came from outside that workers may want to know of. */
  get changed(): Promise<void> {
    return this.bell.promise;
  }

  private ring(): void {
    this.bell.resolve();
    this.bell = Promise.withResolvers();
  }

  async claimDue(_worker: string): Promise<ClaimedOrder | null> {
    const now = this.clock.now();
    for (const [id, row] of this.rows) {
      if (!this.due(row) || row.order.nextStepAt > now || row.leasedUntil > now) continue;
      row.fence += 1;
      row.version += 1;
      row.leasedUntil = now + leaseMs;
      return this.claimed(id, row);
    }
    return null;
  }

  async save(
    claimed: ClaimedOrder,
    next: OrderRecord,
    { shownAfter = 0 }: SaveMore = {},
  ): Promise<ClaimedOrder> {
    const row = this.rows.get(claimed.order.id)!;
    if (row.fence !== claimed.fence || row.version !== claimed.version)
      throw new LeaseLost(claimed.order.id, claimed.fence);
    return this.write(row, next, shownAfter);
  }

  /** Writes without looking who holds the order; for `save`, and for the bug without fencing. */
  write(row: Row, next: OrderRecord, shownAfter: number): ClaimedOrder {
    this.put(row, next);
    this.longestSeen = Math.max(this.longestSeen, shownAfter);
    return this.claimed(next.id, row);
  }

  /** One transaction: the order, its history, its event, and what it explains. */
  private put(row: Row, next: OrderRecord): void {
    row.version += 1;
    if (row.order.status !== next.status) {
      const line = { orderId: next.id, version: row.version, status: next.status, at: this.clock.now() };
      this.history.push(line);
    }
    this.emit(row.order, next, row.version);
    const settles = row.order.status !== 'settled' && next.status === 'settled';
    row.order = next;
    if (settles && next.cmpSubscriptionId !== null) this.explain(next.cmpSubscriptionId);
    this.onWrite(next, row.fence);
  }

  /** Emits the event about a change. A field, for the bug that emits it at the wrong time. */
  emit = (before: OrderRecord, next: OrderRecord, version: number): void => {
    const { id } = next;
    const facts = {
      id,
      tenantId,
      connectorId,
      subscriptionId: null,
      requestedBy: 'buyer',
      correlationId: id,
    };
    this.outbox.append(orderEvent({ ...facts, record: before }, next, version));
  };

  async release(claimed: ClaimedOrder): Promise<void> {
    const row = this.rows.get(claimed.order.id)!;
    if (row.fence === claimed.fence) row.leasedUntil = 0;
  }

  async recordLateResponse(orderId: string, answer: ObservedOrder): Promise<void> {
    const row = this.rows.get(orderId)!;
    this.put(row, { ...row.order, lateAnswer: answer, nextStepAt: this.clock.now() });
    this.ring();
  }

  /** The mirror observed CMP finish an order: it is looked at when `stage` commits, instead of at its next poll. */
  hurry(cmpOrderId: string, stage: Stage): void {
    for (const row of this.rows.values())
      if (row.order.cmpOrderId === cmpOrderId && followed.has(row.order.status))
        stage(() => {
          const nextStepAt = Math.min(row.order.nextStepAt, this.clock.now());
          row.order = { ...row.order, nextStepAt };
          this.ring();
        });
  }

  /** Does with every order about a subscription what `stop` says. @returns those that it changed */
  stop(cmpSubscriptionId: string, stop: (order: OrderRecord, now: number) => OrderRecord): string[] {
    const stopped: string[] = [];
    for (const row of this.rows.values()) {
      const { spec, status } = row.order;
      if (spec.kind === 'create' || spec.cmpSubscriptionId !== cmpSubscriptionId || isFinal(status)) continue;
      const next = stop(row.order, this.clock.now());
      if (next === row.order) continue;
      this.put(row, next);
      stopped.push(next.id);
    }
    this.ring();
    return stopped;
  }

  /** When something will be due next. */
  nextDueAt(): number {
    let next = Infinity;
    for (const row of this.rows.values())
      if (this.due(row)) next = Math.min(next, Math.max(row.order.nextStepAt, row.leasedUntil));
    return next;
  }

  publicOrders(): PublicOrder[] {
    return [...this.rows.values()].map(({ order }) => ({
      id: order.id,
      marker: order.marker,
      spec: order.spec,
      status: order.status,
      reason: order.reason?.code ?? null,
      cmpOrderId: order.cmpOrderId,
      cmpSubscriptionId: order.cmpSubscriptionId,
      requestedAt: order.requestedAt,
      finishedAt: order.finishedAt,
    }));
  }

  private due(row: Row): boolean {
    const { status, lateAnswer, reason, attempts, cmpOrderId } = row.order;
    if (lateAnswer) return true;
    if (isFinal(status)) return false;
    if (status === 'needs-attention')
      return reason?.code !== 'several-at-cmp' && (attempts > 0 || cmpOrderId !== null);
    return status !== 'planned' || this.isHead(row);
  }

  /** Whether nothing that is still open was asked for earlier in the same queue. */
  isHead(row: Row): boolean {
    for (const other of this.rows.values()) {
      if (other === row) return true;
      if (other.queue === row.queue && (blockingStatuses as readonly string[]).includes(other.order.status))
        return false;
    }
    return true;
  }

  private claimed(id: string, row: Row): ClaimedOrder {
    const { order, fence, version } = row;
    return {
      tenantId,
      connectorId,
      order,
      fence,
      version,
      longestSeen: this.longestSeen,
      lots: order.spec.kind === 'create' ? null : this.lotsOf(order.spec.cmpSubscriptionId),
    };
  }
}

/** Takes commands. Key, response and order are stored together, as the service's one statement does. */
export class OrderIntake {
  readonly answers = new Map<string, StoredResponse>();

  constructor(private readonly store: MemoryStore) {}

  /**
   * The response to a command, and the same again when the command is repeated.
   * @throws Problem 422 when the key was used for another command
   */
  async place(key: string, spec: OrderSpec): Promise<ApiResponse> {
    return this.repeat(key, spec) ?? this.accept(key, spec);
  }

  /** The earlier response, if any. @throws Problem */
  repeat(key: string, spec: OrderSpec): ApiResponse | undefined {
    const stored = this.answers.get(key);
    return stored && replay(stored, requestOf(key, spec));
  }

  accept(key: string, spec: OrderSpec): ApiResponse {
    const answer = ApiResponse.accepted(`/v1/orders/${this.store.insert(spec)}`, undefined);
    const { status, headers } = answer;
    this.answers.set(key, { body_hash: requestOf(key, spec).bodyHash, status, headers, body: null });
    return answer;
  }
}

const requestOf = (key: string, spec: OrderSpec): IdempotentRequest => ({
  tenantId: uuidOf(0, 1),
  route: 'POST /v1/orders',
  key,
  bodyHash: JSON.stringify(spec),
});
