import type { CmpOrder, CmpOrderDetail, CmpSubscription, CmpSubscriptionDetail } from '@isthmus/cmp-client';
import type { ModelOrder, ModelSubscription } from './model-order.ts';

const iso = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** A row of a list: no number, no subscription, no lines. */
export const orderRow = (order: ModelOrder): CmpOrder => ({
  id: order.id,
  orderNumber: `N${order.id}`,
  type: order.type,
  customerId: order.customerId,
  status: order.status,
  creationDate: iso(order.createdAt),
  attributes: {},
});

/** Renewals and cancellations have no lines; immediate changes tell the difference, as purchases tell the quantity. */
export const orderDetail = (order: ModelOrder): CmpOrderDetail => ({
  ...orderRow(order),
  poNumber: order.poNumber,
  attributes: { ...order.attributes },
  subscriptionId: order.subscriptionId,
  ...(order.scheduled ? { scheduledOn: 'renewal' } : {}),
  products:
    order.type === 'renewal' || order.type === 'cancellation'
      ? []
      : order.lines.map(({ mpn, quantity, terms }) => ({
          mpn,
          ...(terms ? { billingPeriod: terms.billing, subscriptionPeriod: terms.term } : {}),
          quantity,
          parameters: [],
          subscriptionId: order.subscriptionId,
        })),
  details: [],
});

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** A row of a list: no quantity, no products. */
export const subscriptionRow = (subscription: ModelSubscription): CmpSubscription => ({
  id: subscription.id,
  name: `Subscription ${subscription.id}`,
  customerId: subscription.customerId,
  status: subscription.status,
  attributes: {},
  renewalStatus: subscription.autoRenew,
  creationDate: dayOf(subscription.openedAt),
  renewalDate: dayOf(subscription.renewsAt),
  expirationDate: dayOf(subscription.renewsAt),
  billingPeriod: subscription.terms.billing,
  subscriptionPeriod: subscription.terms.term,
});

/** Its products in any order, as CMP tells them. */
export const subscriptionDetail = (
  subscription: ModelSubscription,
  addOnFirst: boolean,
): CmpSubscriptionDetail => ({
  ...subscriptionRow(subscription),
  products: productsOf(subscription, addOnFirst),
  orderParameters: [],
  fulfillmentParameters: [],
});

function productsOf({ mpn, quantity, addOn }: ModelSubscription, addOnFirst: boolean) {
  const line = { mpn, quantity };
  if (!addOn) return [line];
  return addOnFirst ? [{ ...addOn }, line] : [line, { ...addOn }];
}
