import type { FastifyInstance } from 'fastify';
import { CmpRefusal } from '../wire/errors.ts';
import { choiceParam, listing, sliceParams, textParam, timeParam } from '../wire/query.ts';
import { isoDay, money, type Parameter, type Wire } from '../wire/simple-api.ts';
import { toMonths } from '../world/period.ts';
import type { World } from '../world/world.ts';
import type { SubscribedProduct, SubscriptionState } from './subscription.ts';

type ById = { Params: { id: string } };
const statuses = ['pending', 'active', 'hold', 'terminated', 'removed', 'unknown'];
const dayMs = 86_400_000;

/** GET /subscriptions, GET and PATCH /subscriptions/{id}. */
export function subscriptions(app: FastifyInstance): void {
  app.get('/subscriptions', ({ call, query }) => {
    const { world } = call.account;
    const slice = sliceParams(query);
    const createdTo = timeParam(query, 'creationDateTo');
    const { rows, total } = world.subscriptions.list(slice, {
      customerId: textParam(query, 'customerId'),
      status: choiceParam(query, 'status', statuses),
      createdFrom: timeParam(query, 'creationDateFrom'),
      createdTo: createdTo === undefined ? undefined : createdTo + dayMs - 1,
    });
    return listing(
      slice,
      total,
      rows.map((row) => subscriptionRow(world, row)),
    );
  });

  app.get<ById>('/subscriptions/:id', ({ call, params }) => {
    const { world } = call.account;
    return subscriptionDetail(world, requireSubscription(world, params.id));
  });

  app.patch<ById>('/subscriptions/:id', ({ call, params, body }) => {
    const { world } = call.account;
    requireSubscription(world, params.id);
    return subscriptionDetail(
      world,
      update(world, world.subscriptions.edit(params.id), (body ?? {}) as Wire<'SubscriptionUpdate'>),
    );
  });

  app.post('/subscriptions/:id/specialPricing', () => {
    throw new CmpRefusal(400, 'Not supported by this marketplace: specialPricing.');
  });
}

function requireSubscription(world: World, id: string): SubscriptionState {
  const found = world.subscriptions.find(id);
  if (!found) throw new CmpRefusal(404, `Subscription #${id} is not found.`);
  return found;
}

/** Auto-renew and attributes may be set; seats never, they are changed by an order. */
function update(
  world: World,
  subscription: SubscriptionState,
  given: Wire<'SubscriptionUpdate'>,
): SubscriptionState {
  if (given.products?.some((product) => 'quantity' in product))
    throw new CmpRefusal(
      400,
      'Quantity of products cannot be changed by an update of the subscription: place a change order.',
    );
  if (given.products)
    throw new CmpRefusal(400, 'Not supported by this marketplace: prices of a subscription.');
  if (given.renewalStatus !== undefined && typeof given.renewalStatus !== 'boolean')
    throw new CmpRefusal(400, 'renewalStatus must be a boolean.');
  if (given.renewalStatus !== undefined && subscription.status !== 'active')
    throw new CmpRefusal(
      world.ground.quirks.refusalStatus,
      `Cannot change auto-renewal of Subscription #${subscription.id}: it is in status ${subscription.status}.`,
    );
  if (given.renewalStatus !== undefined) subscription.renewalStatus = given.renewalStatus;
  if (given.attributes) subscription.attributes = { ...subscription.attributes, ...given.attributes };
  subscription.modifiedAt = world.now();
  return subscription;
}

/** The detail of a subscription; parameter values are strings, although the schema differs. */
export type SubscriptionDetail = Omit<
  Wire<'SubscriptionDetailed'>,
  'orderParameters' | 'fulfillmentParameters'
> & {
  orderParameters: Parameter[];
  fulfillmentParameters: Parameter[];
};

/** A row of a listing: without products, prices and parameters; without dates of the term while pending. */
function subscriptionRow(world: World, subscription: SubscriptionState): Wire<'Subscription'> {
  const { termEndsAt, shownRenewalDate } = subscription;
  const lastDay = world.ground.quirks.expirationOnRenewalDate ? 0 : dayMs;
  return {
    id: subscription.id,
    name: subscription.name,
    customerId: subscription.customerId,
    status: subscription.status,
    attributes: subscription.attributes,
    renewalStatus: subscription.renewalStatus,
    creationDate: isoDay(subscription.createdAt),
    ...(termEndsAt === undefined ? {} : { renewalDate: shownRenewalDate ?? isoDay(termEndsAt) }),
    lastModifiedDate: isoDay(subscription.modifiedAt),
    ...(termEndsAt === undefined ? {} : { expirationDate: isoDay(termEndsAt - lastDay) }),
    billingModel: 'chargeBeforeBillingPeriod',
    billingPeriod: subscription.billing,
    subscriptionPeriod: subscription.term,
  };
}

/** Everything CMP shows of one subscription; a plan without products has no `products` at all. */
export function subscriptionDetail(world: World, subscription: SubscriptionState): SubscriptionDetail {
  const { currency } = world.ground;
  const periods = toMonths(subscription.term) / toMonths(subscription.billing);
  const total = (cents: 'priceCents' | 'costCents') =>
    subscription.products.reduce((sum, { item, quantity }) => sum + item[cents] * quantity, 0);
  const products = subscription.products.map((product) => productView(currency, periods, product));
  if (subscription.reversed) products.reverse();
  return {
    ...subscriptionRow(world, subscription),
    totalPrice: money(currency, total('priceCents')),
    totalSubscriptionPrice: money(currency, total('priceCents') * periods),
    totalSubscriptionCost: money(currency, total('costCents') * periods),
    totalSubscriptionProviderCost: money(currency, total('costCents') * periods * 0.95),
    planId: subscription.planId,
    ...(products.length > 0 ? { products } : {}),
    orderParameters: subscription.orderParameters,
    fulfillmentParameters: subscription.fulfillmentParameters,
  };
}

function productView(
  currency: string,
  periods: number,
  { item, quantity, vendorSubscriptionId }: SubscribedProduct,
): Wire<'SubscriptionProduct'> {
  return {
    mpn: item.mpn,
    vendor: item.vendor,
    id: item.id,
    name: item.name,
    quantity,
    unitPrice: money(currency, item.priceCents),
    unitCost: money(currency, item.costCents),
    unitProviderCost: money(currency, item.costCents * 0.95),
    extendedPrice: money(currency, item.priceCents * quantity),
    ...(vendorSubscriptionId ? { vendorSubscriptionId } : {}),
    totalSubscriptionPrice: money(currency, item.priceCents * quantity * periods),
    totalSubscriptionCost: money(currency, item.costCents * quantity * periods),
    totalSubscriptionProviderCost: money(currency, item.costCents * quantity * periods * 0.95),
  };
}
