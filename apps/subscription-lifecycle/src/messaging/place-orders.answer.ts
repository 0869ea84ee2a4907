import { hash } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { PlaceOrders, type CommandedOrderV1, type PlacedOrders } from '@isthmus/contracts';
import { Answers, type AskContext } from '@isthmus/messaging';
import { TenantStore, type IdempotentRequest } from '@isthmus/service-kit';
import { OrderCommands } from '../commands/order-commands.ts';
import { AccountNotFound, SubscriptionNotFound } from '../domain/not-found.errors.ts';
import { Orders } from '../persistence/orders.ts';
import { readOrderStates } from '../persistence/order-states.ts';
import { tellOrder } from './order-state.ts';

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
