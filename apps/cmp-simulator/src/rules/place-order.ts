import type { OrderState } from '../orders/order.ts';
import type { World } from '../world/world.ts';
import { fulfil, park } from './fulfil-order.ts';
import { isNce } from '../subscriptions/nce.ts';
import { acceptanceField, acceptanceLink } from '../orders/purchase-parameters.ts';
import { orderKinds } from './order-kinds.ts';
import type { OrderRequest } from '../orders/order-request.ts';

/** How a fault wants this one order to go. */
export interface Placement {
  /** Waits in `submitted` for a confirmation in the portal. */
  parked?: boolean;
  /** Waits in `submitted` until the customer has accepted this link. */
  acceptance?: string;
  /** Will say completed and change nothing. */
  ineffective?: boolean;
}

/** Accepts an order and sets it on its course; refuses what the rules forbid. */
export function placeOrder(
  world: World,
  request: OrderRequest,
  { parked, ineffective, acceptance }: Placement = {},
): OrderState {
  const kind = orderKinds[request.type];
  const order = world.orders.add(kind.draft(world, request), world.now());
  order.effective = !ineffective;
  kind.placed?.(world, order);
  const link = acceptance ?? linkToAccept(world, order);
  if (link !== undefined) order.attributes = { ...order.attributes, [acceptanceField]: link };
  else if (parked || world.ground.quirks.portalConfirmation) park(order);
  else fulfil(world, order, world.now());
  return order;
}

function linkToAccept(world: World, { type, customerId, lines }: OrderState): string | undefined {
  const asked = world.ground.quirks.customerAcceptance === 'order' && !world.accepted.has(customerId);
  const nce = lines.some(({ item }) => isNce(item.mpn));
  return asked && type === 'sales' && nce ? acceptanceLink(customerId) : undefined;
}
