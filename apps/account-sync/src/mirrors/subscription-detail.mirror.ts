import type { CmpParameter, CmpSubscriptionDetail } from '@isthmus/cmp-client';
import type { SubscriptionLineV1 } from '@isthmus/contracts';
import { mirrorRow, type Mirror, type MirrorColumn } from '@isthmus/sync-engine';
import { subscriptionEvent, subscriptionVanished } from './subscription-event.ts';
import {
  isLiveSubscription,
  liveSubscriptionSql,
  subscriptionColumns,
  subscriptionMirror,
} from './subscription.mirror.ts';

export const linesOf = ({ products }: CmpSubscriptionDetail): SubscriptionLineV1[] =>
  products.map((product) => ({
    mpn: product.mpn,
    vendor: product.vendor ?? '',
    productId: product.id ?? '',
    name: product.name ?? '',
    quantity: product.quantity,
    unitPrice: product.unitPrice,
    unitCost: product.unitCost,
    vendorSubscriptionId: product.vendorSubscriptionId,
  }));

const seats = ({ products }: CmpSubscriptionDetail) =>
  String(products.reduce((sum, product) => sum + product.quantity, 0));

const parameter = (parameters: readonly CmpParameter[], name: string) =>
  parameters.find((candidate) => candidate.name === name)?.value?.trim() || null;

const detailColumns: readonly MirrorColumn<CmpSubscriptionDetail>[] = [
  ...subscriptionColumns,
  { name: 'hash', type: 'uuid', of: (detail, owner) => mirrorRow(subscriptionMirror, owner, detail).hash },
  { name: 'quantity', type: 'integer', of: seats, told: 'quantity' },
  { name: 'lines', type: 'json', of: (detail) => JSON.stringify(linesOf(detail)), told: 'lines' },
  { name: 'plan_id', type: 'text', of: (detail) => detail.planId ?? null },
  {
    name: 'microsoft_domain',
    type: 'text',
    of: (detail) => parameter(detail.orderParameters, 'microsoft_domain')?.toLowerCase() ?? null,
  },
  {
    name: 'microsoft_tenant_id',
    type: 'text',
    of: (detail) =>
      parameter(detail.fulfillmentParameters, 'ms_customer_id') ??
      parameter(detail.orderParameters, 'microsoft_tenant_id'),
  },
];

/** The same table as the listing's mirror, filled from the detail: quantity, lines, domain. */
export const subscriptionDetailMirror: Mirror<CmpSubscriptionDetail> = {
  kind: 'provider-subscription',
  table: 'provider_subscriptions',
  hashColumn: 'detail_hash',
  columns: detailColumns,
  cmpIdOf: (detail) => detail.id,
  cmpAccountIdOf: (detail) => detail.customerId,
  isLive: isLiveSubscription,
  liveSql: liveSubscriptionSql,
  derived: { gone_reason: 'null::text' },
  event: (change, origin) => subscriptionEvent(change, linesOf(change.value), origin),
  vanished: subscriptionVanished,
};
