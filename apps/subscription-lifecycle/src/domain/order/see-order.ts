import type { CmpOrderDetail } from '@isthmus/cmp-client';
import { acceptanceOf, defaultSigns, isHeld, type CmpSigns } from './cmp-signs.ts';
import type { OrderAsk } from './order-ask.ts';
import { isProduct } from './same-order.ts';
import type { SeenOrder } from './seen-order.ts';

/** What we keep of an order as CMP tells it. */
export function seeOrder(ask: OrderAsk, detail: CmpOrderDetail, signs: CmpSigns = defaultSigns): SeenOrder {
  const created = Date.parse(detail.creationDate);
  return {
    cmpOrderId: detail.id,
    cmpOrderNumber: detail.orderNumber ?? null,
    status: detail.status,
    statusCode: detail.statusCode ?? null,
    cmpSubscriptionId: subscriptionOf(ask, detail) ?? null,
    createdAt: Number.isNaN(created) ? null : created,
    total: detail.total,
    held: isHeld(detail, signs),
    acceptance: acceptanceOf(detail, signs),
  };
}

/** A purchase may open several subscriptions when CMP adds products; the asked product's is meant. */
function subscriptionOf(ask: OrderAsk, detail: CmpOrderDetail): string | undefined {
  if (ask.kind !== 'create') return ask.cmpSubscriptionId;
  const line = detail.products.find((product) => isProduct(product, ask.product));
  return line?.subscriptionId ?? detail.subscriptionId;
}
