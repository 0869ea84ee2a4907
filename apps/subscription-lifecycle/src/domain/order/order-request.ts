import type { CmpOrderRequest, CmpOrderRequestLine } from '@isthmus/cmp-client';
import type { OrderAsk, OrderProduct } from './order-ask.ts';

/** The attribute that carries the marker beside `poNumber`: an automatic renewal copies the one, not the other. */
export const markerAttribute = 'isthmusOrder';

/** The order as CMP is asked for it. A renewal setting is none: it is a change of the subscription. */
export function orderRequest(
  ask: Exclude<OrderAsk, { kind: 'renewal-setting' }>,
  marker: string,
): CmpOrderRequest {
  const marked = {
    customerId: ask.cmpAccountId,
    poNumber: marker,
    attributes: { [markerAttribute]: marker },
  };
  switch (ask.kind) {
    case 'create':
      return {
        type: 'sales',
        ...marked,
        ...(ask.product.term ? { subscriptionPeriod: ask.product.term } : {}),
        products: [
          {
            ...lineOf(ask.product, ask.seats),
            ...(ask.parameters.length > 0 ? { parameters: ask.parameters } : {}),
          },
        ],
      };
    case 'change-quantity':
      return {
        type: 'change',
        ...marked,
        subscriptionId: ask.cmpSubscriptionId,
        ...(ask.when === 'renewal' ? { scheduledOn: 'renewal' as const } : {}),
        products: [{ ...lineOf(ask.product, ask.seats), subscriptionId: ask.cmpSubscriptionId }],
      };
    case 'cancel':
      return { type: 'cancellation', ...marked, subscriptionId: ask.cmpSubscriptionId };
  }
}

const lineOf = (product: OrderProduct, quantity: number): CmpOrderRequestLine => ({
  mpn: product.mpn,
  vendor: product.vendor,
  ...(product.cmpProductId ? { id: product.cmpProductId } : {}),
  quantity,
  ...(product.billingPeriod ? { billingPeriod: product.billingPeriod } : {}),
  ...(product.term ? { subscriptionPeriod: product.term } : {}),
});
