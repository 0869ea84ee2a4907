import { isNce } from '../subscriptions/nce.ts';
import type { World } from '../world/world.ts';
import { cancellationOrder, changeOrder, renewalOrder } from './change-orders.ts';
import type { OrderKind } from './order-kind.ts';
import type { OrderRequest } from './order-request.ts';
import { moveOrder, type OrderState, type OrderType } from './order.ts';
import { acceptanceField, acceptanceLink } from './purchase-parameters.ts';
import { salesOrder } from './sales-order.ts';

export const orderKinds: Record<OrderType, OrderKind> = {
  sales: salesOrder,
  change: changeOrder,
  renewal: renewalOrder,
  cancellation: cancellationOrder,
};

/** How a fault changes the course of this one order. */
export interface Placement {
  /** Waits in `submitted` for a confirmation in the portal. */
  parked?: boolean;
  /** Waits in `submitted` until the customer has accepted this link. */
  acceptance?: string;
  /** Will be completed and change nothing. */
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
  const required = world.ground.quirks.customerAcceptance === 'order' && !world.accepted.has(customerId);
  const nce = lines.some(({ item }) => isNce(item.mpn));
  return required && type === 'sales' && nce ? acceptanceLink(customerId) : undefined;
}

/** The part of the delay that an order spends in `submitted`. */
const submittedShare = 0.3;

/**
 * Lets a placed order run its course: submitted, processing, completed. A change for the next renewal stops at processing
 * (AS). Every step first checks that the order is still in the status in which it was left.
 */
export function fulfil(world: World, order: OrderState, at: number): void {
  const delay = world.ground.orderDelaySeconds * 1000;
  world.agenda.add(at + Math.round(delay * submittedShare), (then) => start(world, order, then, delay));
}

/** Parks an order until it is confirmed in the portal. */
function park(order: OrderState): void {
  order.statusCode = 'HL';
}

/** The confirmation in the portal, or the provisioning of an order that hangs. */
export function release(world: World, order: OrderState, at: number): void {
  if (order.attributes[acceptanceField]) {
    const { [acceptanceField]: _accepted, ...attributes } = order.attributes;
    order.attributes = attributes;
    world.accepted.add(order.customerId);
  }
  if (order.status === 'processing') complete(world, order, at);
  else start(world, order, at, world.ground.orderDelaySeconds * 1000);
}

/** Provisioning fails: status error, details only in the portal. */
export function fail(world: World, order: OrderState): void {
  moveOrder(order, 'fail');
  orderKinds[order.type].abandon?.(world, order);
}

function start(world: World, order: OrderState, at: number, delay: number): void {
  if (order.status !== 'submitted') return;
  if (order.scheduledOn) return moveOrder(order, 'schedule');
  moveOrder(order, 'start');
  orderKinds[order.type].begin?.(world, order, at);
  world.agenda.add(at + Math.round(delay * (1 - submittedShare)), (then) => complete(world, order, then));
}

function complete(world: World, order: OrderState, at: number): void {
  if (order.status !== 'processing' || order.statusCode === 'AS') return;
  if (order.effective) orderKinds[order.type].complete(world, order, at);
  moveOrder(order, 'complete');
  order.provisionedAt = at;
}
