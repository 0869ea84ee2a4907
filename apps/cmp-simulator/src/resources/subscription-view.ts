import { isoDay } from '../wire/dates.ts';
import { money } from '../wire/money.ts';
import type { Parameter, Wire } from '../wire/simple-api.ts';
import { monthsOf } from '../rules/period.ts';
import type { HeldProduct, SubscriptionState } from '../world/subscription.ts';
import type { World } from '../world/world.ts';

const day = 86_400_000;

/** The detail of a subscription; parameter values are strings, whatever the schema says. */
export type SubscriptionDetail = Omit<
  Wire<'SubscriptionDetailed'>,
  'orderParameters' | 'fulfillmentParameters'
> & {
  orderParameters: Parameter[];
  fulfillmentParameters: Parameter[];
};

/** A row of a listing: without products, prices and parameters; without dates of the term while pending. */
export function subscriptionRow(world: World, subscription: SubscriptionState): Wire<'Subscription'> {
  const { termEndsAt, shownRenewalDate } = subscription;
  const lastDay = world.ground.quirks.expirationOnRenewalDate ? 0 : day;
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

/** Everything CMP tells about one subscription; a plan without products has no `products` at all. */
export function subscriptionDetail(world: World, subscription: SubscriptionState): SubscriptionDetail {
  const { currency } = world.ground;
  const periods = monthsOf(subscription.term) / monthsOf(subscription.billing);
  const total = (cents: 'priceCents' | 'costCents') =>
    subscription.products.reduce((sum, { item, quantity }) => sum + item[cents] * quantity, 0);
  const products = subscription.products.map((product) => productOf(currency, periods, product));
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

function productOf(
  currency: string,
  periods: number,
  { item, quantity, vendorSubscriptionId }: HeldProduct,
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
