import type { CmpParameter, CmpSubscriptionDetail } from '@isthmus/cmp-client';
import { mirrorRow, type Mirror, type MirrorColumn } from '@isthmus/sync-engine';
import { subscriptionEvent, subscriptionNoLongerListed } from './subscription-event.ts';
import { lineChanges, linesOf } from './subscription-lines.ts';
import {
  isLiveSubscription,
  liveSubscriptionSql,
  subscriptionColumns,
  subscriptionMirror,
} from './subscription.mirror.ts';

const seats = ({ products }: CmpSubscriptionDetail) =>
  String(products.reduce((sum, product) => sum + product.quantity, 0));

const parameter = (parameters: readonly CmpParameter[], name: string) =>
  kept(parameters.find((candidate) => candidate.name === name)?.value?.trim());

/** Partners type these by hand; what is longer than any domain or tenant id is neither. */
const kept = (value: string | undefined) => (value && value.length <= 255 ? value : null);

const detailColumns: readonly MirrorColumn<CmpSubscriptionDetail>[] = [
  ...subscriptionColumns,
  { name: 'hash', type: 'uuid', of: (detail, owner) => mirrorRow(subscriptionMirror, owner, detail).hash },
  { name: 'quantity', type: 'integer', of: seats, told: 'quantity' },
  {
    name: 'lines',
    type: 'json',
    of: (detail) => JSON.stringify(linesOf(detail)),
    told: 'lines',
    differences: lineChanges,
  },
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
  announceSql: () => 'true',
  noLongerListed: subscriptionNoLongerListed,
};
