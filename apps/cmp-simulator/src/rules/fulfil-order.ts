import { moveOrder, type OrderState } from '../orders/order.ts';
import type { World } from '../world/world.ts';
import { acceptanceField } from '../orders/purchase-parameters.ts';
import { orderKinds } from './order-kinds.ts';

/** The part of the delay that an order spends in `submitted`. */
const submittedShare = 0.3;

/**
 * Lets a placed order run its course: submitted, processing, completed. A change for the next renewal stops at processing
 * (AS). Every step looks first whether the order still stands where it was left.
 */
export function fulfil(world: World, order: OrderState, at: number): void {
  const delay = world.ground.orderDelaySeconds * 1000;
  world.agenda.add(at + Math.round(delay * submittedShare), (then) => start(world, order, then, delay));
}

/** Parks an order until somebody confirms it in the portal. */
export function park(order: OrderState): void {
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
