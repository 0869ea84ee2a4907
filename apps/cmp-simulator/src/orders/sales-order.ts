import type { CatalogueItem } from '../catalogue/catalogue.ts';
import { renewedLots } from '../subscriptions/nce.ts';
import { moveSubscription } from '../subscriptions/subscription.ts';
import { watchTerm } from '../subscriptions/term.ts';
import { CmpRefusal } from '../wire/errors.ts';
import type { Parameter } from '../wire/simple-api.ts';
import { addPeriod } from '../world/period.ts';
import { guid } from '../world/random.ts';
import type { World } from '../world/world.ts';
import { orderingCustomer, type OrderKind, resolveProduct } from './order-kind.ts';
import type { LineRequest } from './order-request.ts';
import type { OrderLine, OrderState } from './order.ts';
import { checkParameters } from './purchase-parameters.ts';

/** A purchase: one new subscription per plan, pending while it is provisioned. */
export const salesOrder: OrderKind = {
  draft(world, request) {
    const customer = orderingCustomer(world, request.customerId);
    if (request.products.length === 0)
      throw new CmpRefusal(400, 'Products must be specified for the order of type sales.');
    const lines = withDependencies(
      world,
      request.products.map((line) => draftLine(world, customer.id, line)),
    );
    return {
      type: 'sales',
      customerId: customer.id,
      poNumber: request.poNumber,
      attributes: request.attributes,
      lines,
      totalCents: lines.reduce((sum, line) => sum + line.amountCents, 0),
    };
  },
  begin(world, order, at) {
    for (const planId of new Set(order.lines.map(({ item }) => item.planId)))
      openSubscription(world, order, planId, at);
  },
  complete(world, order, at) {
    for (const id of new Set(order.lines.flatMap(({ subscriptionId }) => subscriptionId ?? [])))
      provision(world, id, at);
  },
  abandon(world, order) {
    for (const id of new Set(order.lines.flatMap(({ subscriptionId }) => subscriptionId ?? [])))
      moveSubscription(world.subscriptions.edit(id), 'fail');
  },
};

function draftLine(world: World, customerId: string, line: LineRequest): OrderLine {
  const item = resolveProduct(world, line);
  if (!Number.isInteger(line.quantity) || line.quantity < item.minimum || line.quantity > item.maximum)
    throw new CmpRefusal(
      400,
      `Quantity ${line.quantity} of product ${item.mpn} must be a whole number from ${item.minimum} to ${item.maximum}.`,
    );
  const bad = checkParameters(world, customerId, item, line.parameters).find(
    ({ result }) => result === 'error',
  );
  if (bad) throw new CmpRefusal(400, `Parameter ${bad.name} of product ${item.mpn}: ${bad.message}`);
  return chargedLine(world, item, line.quantity, line.parameters);
}

function chargedLine(
  world: World,
  item: CatalogueItem,
  quantity: number,
  parameters: Parameter[],
): OrderLine {
  const from = world.now();
  return {
    item,
    quantity,
    target: quantity,
    amountCents: item.priceCents * quantity,
    parameters,
    from,
    until: addPeriod(from, item.billing),
  };
}

/** CMP adds a product that another one needs, once. */
function withDependencies(world: World, lines: OrderLine[]): OrderLine[] {
  const missing = new Set(
    lines
      .flatMap(({ item }) => item.dependsOn ?? [])
      .filter((needed) => !lines.some(({ item }) => item.index === needed)),
  );
  return [...[...missing].map((index) => chargedLine(world, world.catalogue[index]!, 1, [])), ...lines];
}

function openSubscription(world: World, order: OrderState, planId: number, at: number): void {
  const lines = order.lines.filter(({ item }) => item.planId === planId);
  const { item } = lines[0]!;
  const subscription = world.subscriptions.add((identity) => ({
    ...identity,
    name: item.name,
    customerId: order.customerId,
    status: 'pending',
    attributes: { ...(order.poNumber ? { PONumber: order.poNumber } : {}) },
    renewalStatus: true,
    createdAt: at,
    modifiedAt: at,
    term: item.term,
    billing: item.billing,
    planId,
    products: lines.map((line) => ({ item: line.item, quantity: line.quantity })),
    lots: [],
    orderParameters: lines.flatMap(({ parameters }) => parameters ?? []),
    fulfillmentParameters: [],
  }));
  for (const line of lines) line.subscriptionId = subscription.id;
  world.orders.attach(order, subscription.id);
}

function provision(world: World, id: string, at: number): void {
  const subscription = world.subscriptions.edit(id);
  moveSubscription(subscription, 'provision');
  Object.assign(subscription, {
    termStartedAt: at,
    termEndsAt: addPeriod(at, subscription.term),
    modifiedAt: at,
  });
  subscription.lots = renewedLots(subscription.products[0]?.quantity ?? 0, at);
  for (const product of subscription.products)
    if (product.item.vendor === 'MICROSOFT') product.vendorSubscriptionId = guid(world.random);
  const given = (name: string) =>
    subscription.orderParameters.find((parameter) => parameter.name === name)?.value as string | undefined;
  const prefix = given('domain');
  const domain = given('microsoft_domain') ?? (prefix && `${prefix}.onmicrosoft.com`);
  const tenantId = domain
    ? world.tenants.open(domain, subscription.customerId).tenantId
    : given('microsoft_tenant_id');
  if (tenantId) subscription.fulfillmentParameters = [{ name: 'ms_customer_id', value: tenantId }];
  watchTerm(world, subscription);
}
