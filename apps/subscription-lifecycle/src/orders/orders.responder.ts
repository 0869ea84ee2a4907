import { hash } from 'node:crypto';
import { type RequestedOrderV1, type OrderStatesResponse, PlaceOrders, ReadOrders } from '@isthmus/contracts';
import { RespondTo, type RequestContext } from '@isthmus/messaging';
import { actingAs, apiKeyActor, ApiResponse, TenantStore } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { SubscriptionNotFound } from '../subscriptions/subscription.ts';
import { toOrderState } from './order-events.ts';
import { readOrderStates } from './order-queries.store.ts';
import { AccountNotFound } from './order.errors.ts';
import { OrderService, type PlacedOrder } from './orders.service.ts';
import type { ResolvedOrder } from './resolving/order-resolver.service.ts';

const route = 'rpc place-orders';

/** Orders as the Rest Provider commands and follows them. */
@Controller()
export class OrdersResponder {
  constructor(
    private readonly store: TenantStore,
    private readonly orders: OrderService,
  ) {}

  /** All are resolved first, so that of two that belong together not only one is taken. */
  @RespondTo(PlaceOrders)
  async place(
    { tenantId, connectorId, key, requestedBy, orders }: PlaceOrders,
    { correlationId = key }: RequestContext,
  ): Promise<OrderStatesResponse> {
    const commands = [];
    for (const [index, command] of orders.entries()) {
      const request = { tenantId, route, key: `${key}/${index}`, bodyHash: commandHash(command) };
      // An order that was placed before is not resolved again, because it may have changed the data.
      const earlier = await this.orders.earlierResponse<PlacedId>(request);
      const resolved = earlier ? null : await this.#resolve(tenantId, connectorId, command);
      commands.push({ command, request, earlier, resolved });
    }
    const by = { subject: requestedBy, correlationId };
    const ids: string[] = [];
    for (const { command, request, earlier, resolved } of commands) {
      const { body } =
        earlier ??
        // The Rest Provider passes on a request of the holder of one of its API keys.
        (await actingAs(apiKeyActor(requestedBy), () =>
          this.orders.placeResolved(request, command, resolved!, by, placedId),
        ));
      ids.push(body.id);
    }
    const { orders: found } = await this.read({ tenantId, connectorId, orderIds: ids });
    return { orders: ids.flatMap((id) => found.filter(({ orderId }) => orderId === id)) };
  }

  @RespondTo(ReadOrders)
  async read({ tenantId, connectorId, orderIds }: ReadOrders): Promise<OrderStatesResponse> {
    const found = await this.store.read(tenantId, (em) =>
      readOrderStates(em, tenantId, connectorId, orderIds),
    );
    return { orders: found.map(toOrderState) };
  }

  /** @throws AccountNotFound, SubscriptionNotFound, also of another connector */
  async #resolve(tenantId: string, connectorId: string, command: RequestedOrderV1): Promise<ResolvedOrder> {
    const resolved = await this.orders.resolve(tenantId, command);
    if (resolved.connectorId === connectorId) return resolved;
    if (command.kind === 'create') throw new AccountNotFound(command.providerAccountId ?? '');
    throw new SubscriptionNotFound(command.subscriptionId ?? '');
  }
}

interface PlacedId {
  id: string;
}

const placedId = ({ record: { id } }: PlacedOrder): ApiResponse<PlacedId> =>
  ApiResponse.accepted(`/v1/orders/${id}`, { id });

/** More may be known about the tenant at the next attempt; the order is the same. */
const commandHash = ({ microsoftTenant: _known, ...order }: RequestedOrderV1): string =>
  hash('sha256', JSON.stringify(Object.entries(order).sort(([a], [b]) => (a < b ? -1 : 1))), 'base64url');
