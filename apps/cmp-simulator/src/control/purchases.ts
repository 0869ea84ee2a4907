import { salesOrder } from '../orders/sales-order.ts';
import { addPeriod } from '../world/period.ts';
import type { Parameter } from '../wire/simple-api.ts';
import type { SubscriptionState } from '../subscriptions/subscription.ts';
import type { World } from '../world/world.ts';
import { settleOrder } from './settle-order.ts';

/** What somebody buys in the portal; what is left out is chosen: the newest active customer, the first NCE product, one seat. */
export interface Purchase {
  customerId?: string | undefined;
  /** CMP's product id, or a part number whose first catalogue row is taken. */
  product?: string | undefined;
  quantity?: number | undefined;
  microsoftDomain?: string | undefined;
  poNumber?: string | undefined;
}

/** A purchase made in the portal: the sales order is complete and its subscription active at once. */
export function buySubscription(
  world: World,
  { customerId, product, quantity = 1, microsoftDomain, poNumber }: Purchase,
): SubscriptionState {
  const item = world.catalogue.find(({ id, mpn, kind }) =>
    product === undefined ? kind === 'nce' : id === product || mpn === product,
  );
  if (!item) throw new RangeError(`There is no product ${product}.`);
  const customer = customerId ?? world.customers.page({ offset: 0, limit: 1 }).rows[0]!.id;
  if (world.customers.indexOf(customer) === undefined)
    throw new RangeError(`There is no customer ${customer}.`);
  const from = world.now();
  const parameters: Parameter[] =
    microsoftDomain === undefined ? [] : [{ name: 'microsoft_domain', value: microsoftDomain }];
  const amountCents = item.priceCents * quantity;
  const order = settleOrder(world, {
    type: 'sales',
    customerId: customer,
    poNumber,
    attributes: {},
    lines: [{ item, quantity, amountCents, parameters, from, until: addPeriod(from, item.billing) }],
    totalCents: amountCents,
  });
  salesOrder.begin?.(world, order, from);
  salesOrder.complete(world, order, from);
  return world.subscriptions.edit(order.subscriptionId!);
}

/** The subscription vanishes from listings and details. */
export function removeSubscription(world: World, id: string): void {
  world.subscriptions.rows.hide(world.subscriptions.edit(id).index);
}
