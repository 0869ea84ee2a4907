import type { CatalogueItem } from '../catalogue/catalogue.ts';
import type { CustomerState } from '../customers/customer.ts';
import type { SubscriptionState } from '../subscriptions/subscription.ts';
import { CmpRefusal } from '../wire/errors.ts';
import { samePeriod } from '../world/period.ts';
import type { World } from '../world/world.ts';
import type { LineRequest, OrderRequest } from './order-request.ts';
import { statusWords, type OrderDraft, type OrderState } from './order.ts';

/** The differences between the four types of orders. */
export interface OrderKind {
  /** Reads a request and refuses what is not possible; changes nothing, so that an estimate can use it. */
  draft(world: World, request: OrderRequest): OrderDraft;
  /** The immediate effect of placing it, beyond the order itself. */
  placed?(world: World, order: OrderState): void;
  /** Provisioning begins. */
  begin?(world: World, order: OrderState, at: number): void;
  /** Provisioning is done: the effect. */
  complete(world: World, order: OrderState, at: number): void;
  /** It failed or was withdrawn. */
  abandon?(world: World, order: OrderState): void;
}

/**
 * The subscription of a change, renewal or cancellation: it exists, belongs to that customer, is active, and has no other
 * such order in progress. The last rule was observed on the live system, with this text and status 500.
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

/** The customer an order is for: known (else 400) and neither on hold nor closed. */
export function orderingCustomer(world: World, id: string): CustomerState {
  const index = world.customers.indexOf(id);
  if (index === undefined) throw new CmpRefusal(400, `No entity has been found: Account #${id}.`);
  const customer = world.customers.at(index);
  if (customer.status !== undefined && customer.status !== 'active')
    throw new CmpRefusal(
      world.ground.quirks.refusalStatus,
      `Cannot place order for Account #${id}: it is in status ${customer.status}.`,
    );
  return customer;
}

/**
 * The one catalogue row that a line means. A part number alone is often not enough, since it recurs per billing and
 * term: the line must then name more (vendor, id, periods), or it is refused (400).
 */
export function resolveProduct(world: World, line: LineRequest): CatalogueItem {
  const found = world.catalogue.filter(
    (item) =>
      !world.withdrawn.has(item.index) &&
      (line.mpn ?? item.mpn) === item.mpn &&
      (line.id ?? item.id) === item.id &&
      (line.vendor ?? item.vendor) === item.vendor &&
      (!line.billingPeriod || samePeriod(item.billing, line.billingPeriod)) &&
      (!line.subscriptionPeriod || samePeriod(item.term, line.subscriptionPeriod)),
  );
  const named = line.mpn ?? line.id;
  if (!named) throw new CmpRefusal(400, 'Each product must be identified by mpn or id.');
  if (found.length === 0) throw new CmpRefusal(400, `Product not found: ${named}.`);
  if (found.length > 1)
    throw new CmpRefusal(
      400,
      `Product ${named} is not unique: ${found.length} products match. Specify additional parameters to identify it: vendor, id, billingPeriod, subscriptionPeriod.`,
    );
  return found[0]!;
}
