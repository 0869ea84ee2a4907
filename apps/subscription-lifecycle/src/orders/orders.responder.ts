import { hash } from 'node:crypto';
import {
  type CommandedOrderV1,
  type OrderOutcome,
  type OrderStateV1,
  type PlacedOrders,
  PlaceOrders,
  ReadOrders,
} from '@isthmus/contracts';
import { Answers, type AskContext } from '@isthmus/messaging';
import { type IdempotentRequest, TenantStore } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import type { OrderStatus } from './order-lifecycle.ts';
import { type OrderStateRow, readOrderStates } from './order-queries.store.ts';
import { describeWait } from './order-wait.ts';
import { AccountNotFound, SubscriptionNotFound } from './order.errors.ts';
import { Orders } from './order.store.ts';
import { OrderCommands } from './orders.service.ts';
import { defaultPatience } from './protocol/retry-policy.ts';

const route = 'ask place-orders';

@Controller()
export class AnswerPlaceOrders {
  constructor(
    private readonly store: TenantStore,
    private readonly commands: OrderCommands,
    private readonly orders: Orders,
  ) {}

  /** All are judged first, so that of two that belong together not only one is taken. */
  @Answers(PlaceOrders)
  async place(
    { tenantId, connectorId, key, askedBy, orders }: PlaceOrders,
    { correlationId = key }: AskContext,
  ): Promise<PlacedOrders> {
    const wanted = orders.map((order, index) => ({
      order,
      request: { tenantId, route, key: `${key}/${index}`, bodyHash: hashOf(order) },
    }));
    for (const { order, request } of wanted) await this.#judge(order, request, connectorId);
    const ids: string[] = [];
    for (const { order, request } of wanted) {
      const { body } = await this.commands.place(request, order, { subject: askedBy, correlationId });
      ids.push(body.id);
    }
    const found = await readOrderStates(this.store.rows(tenantId), connectorId, ids);
    return { orders: ids.flatMap((id) => found.filter((row) => row.id === id).map(tellOrder)) };
  }

  /** One taken before is not judged again: it may have changed what it would be judged by. */
  async #judge(order: CommandedOrderV1, request: IdempotentRequest, asked: string): Promise<void> {
    if (await this.orders.answered(request)) return;
    const { connectorId } = await this.commands.meaningOf(request.tenantId, order);
    if (connectorId === asked) return;
    if (order.kind === 'create') throw new AccountNotFound(order.providerAccountId ?? '');
    throw new SubscriptionNotFound(order.subscriptionId ?? '');
  }
}

/** What is known of the tenant may be more at the next try; the order is the same. */
const hashOf = ({ microsoftTenant: _known, ...order }: CommandedOrderV1): string =>
  hash('sha256', JSON.stringify(Object.entries(order).sort(([a], [b]) => (a < b ? -1 : 1))), 'base64url');

@Controller()
export class AnswerReadOrders {
  constructor(private readonly store: TenantStore) {}

  @Answers(ReadOrders)
  async read({ tenantId, connectorId, orderIds }: ReadOrders): Promise<PlacedOrders> {
    const found = await readOrderStates(this.store.rows(tenantId), connectorId, orderIds);
    return { orders: found.map(tellOrder) };
  }
}

const outcomes: Partial<Record<OrderStatus, OrderOutcome>> = {
  settled: 'settled',
  refused: 'refused',
  withdrawn: 'withdrawn',
  'completed-not-effective': 'raised',
  'needs-attention': 'raised',
};

/** An order in the words of an answer to another service. */
export function tellOrder({ id, record, subscriptionId, wait }: OrderStateRow): OrderStateV1 {
  const { ask, status, reason, cmpSubscriptionId, askedAt, finishedAt } = record;
  return {
    orderId: id,
    kind: ask.kind,
    outcome: outcomes[status] ?? 'running',
    reason: reason ?? undefined,
    waiting: wait ? describeWait(record, wait, defaultPatience) : undefined,
    cmpSubscriptionId: cmpSubscriptionId ?? undefined,
    subscriptionId: subscriptionId ?? undefined,
    askedAt: new Date(askedAt).toISOString(),
    finishedAt: finishedAt === null ? undefined : new Date(finishedAt).toISOString(),
  };
}
