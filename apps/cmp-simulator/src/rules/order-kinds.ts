import type { OrderDraft, OrderState, OrderType } from '../orders/order.ts';
import type { World } from '../world/world.ts';
import { cancellationOrder } from './cancellation-order.ts';
import { changeOrder } from './change-order.ts';
import type { OrderRequest } from '../orders/order-request.ts';
import { renewalOrder } from './renewal-order.ts';
import { salesOrder } from './sales-order.ts';

/** What the four types of order do differently. */
export interface OrderKind {
  /** Reads a request and refuses what cannot be; changes nothing, so that an estimate can use it. */
  draft(world: World, request: OrderRequest): OrderDraft;
  /** What placing it sets off at once, beyond the order itself. */
  placed?(world: World, order: OrderState): void;
  /** Provisioning begins. */
  begin?(world: World, order: OrderState, at: number): void;
  /** Provisioning is done: the effect. */
  complete(world: World, order: OrderState, at: number): void;
  /** It failed or was withdrawn. */
  abandon?(world: World, order: OrderState): void;
}

export const orderKinds: Record<OrderType, OrderKind> = {
  sales: salesOrder,
  change: changeOrder,
  renewal: renewalOrder,
  cancellation: cancellationOrder,
};
