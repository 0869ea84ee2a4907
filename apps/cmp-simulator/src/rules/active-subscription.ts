import { CmpRefusal } from '../wire/errors.ts';
import type { SubscriptionState } from '../subscriptions/subscription.ts';
import type { World } from '../world/world.ts';
import type { OrderRequest } from '../orders/order-request.ts';
import { statusWords } from '../orders/order.ts';

/**
 * The subscription that a change, renewal or cancellation is about: there, of that customer, active, and without another
 * such order under way. The last rule is observed on the live system, with this text and status 500.
 */
export function activeSubscription(world: World, request: OrderRequest): SubscriptionState {
  const id = request.subscriptionId;
  if (!id)
    throw new CmpRefusal(400, `Subscription ID must be specified for the order of type ${request.type}.`);
  const subscription = world.subscriptions.find(id);
  if (!subscription || subscription.customerId !== request.customerId)
    throw new CmpRefusal(
      400,
      `No entity has been found: Subscription #${id} of Account #${request.customerId}.`,
    );
  if (subscription.status !== 'active')
    throw new CmpRefusal(
      world.ground.quirks.refusalStatus,
      `Cannot place ${request.type} order for Subscription #${id}: it is in status ${subscription.status}.`,
    );
  const open = world.orders
    .ofSubscription(id)
    .find(
      (order) =>
        order.type === request.type &&
        (order.status === 'submitted' ||
          (order.status === 'processing' && blocks(world, request, order.statusCode))),
    );
  if (open)
    throw new CmpRefusal(
      500,
      `Cannot Upgrade/Downgrade Resources for Subscription #${id}: there is already an Upgrade/Downgrade Order #${open.number} in status ${statusWords[open.statusCode]}. This order prohibits placing an order of the same order type (per subscription). Please either cancel conflicting order or wait until it is processed by the system.`,
    );
  return subscription;
}

function blocks(world: World, request: OrderRequest, statusCode: string): boolean {
  return (
    statusCode !== 'AS' || request.scheduledOn !== undefined || world.ground.quirks.scheduledBlocksChanges
  );
}
