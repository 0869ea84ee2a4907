import type { CmpOrder, CmpOrderDetail } from '@isthmus/cmp-client';
import { ProviderOrderSeenV1, ProviderOrderSettledV1, type ProviderOrderLineV1 } from '@isthmus/contracts';
import { event } from '@isthmus/messaging';
import type { Mirror } from '@isthmus/sync-engine';

const open: ReadonlySet<string> = new Set(['submitted', 'processing']);

const isOpenOrder = ({ status }: CmpOrder): boolean => open.has(status);

/** Orders of the last 8 days may still have open return windows. */
const mayHaveOpenWindows = `u.status = 'completed' and u.type in ('sales', 'change', 'renewal') and u.creation_date > now() - interval '8 days'`;

/**
 * Mirror of all orders of a connector, regardless of who placed them. `subscription_due` marks one that CMP has completed and
 * that may have changed a subscription: `due` is false for the order history that the first tick of a connector reads, because
 * the first sweep reads all subscriptions anyway.
 */
export const orderMirror = (due: boolean): Mirror<CmpOrder | CmpOrderDetail> => ({
  kind: 'provider-order',
  table: 'provider_orders',
  columns: [
    { name: 'cmp_id', type: 'text', of: (order) => order.id },
    { name: 'order_number', type: 'text', of: (order) => order.orderNumber ?? null },
    { name: 'type', type: 'text', of: (order) => order.type, publishedAs: 'type' },
    { name: 'status', type: 'text', of: (order) => order.status, publishedAs: 'status' },
    { name: 'status_code', type: 'text', of: (order) => order.statusCode ?? null },
    { name: 'cmp_account_id', type: 'text', of: (order) => order.customerId },
    { name: 'creation_date', type: 'timestamptz', of: (order) => order.creationDate },
    { name: 'provisioning_date', type: 'timestamptz', of: (order) => order.provisioningDate ?? null },
  ],
  cmpIdOf: (order) => order.id,
  cmpAccountIdOf: (order) => order.customerId,
  isLive: isOpenOrder,
  liveSql: `m.status in ('submitted', 'processing')`,
  derived: { subscription_due: due ? `u.status in ('completed', 'error')` : mayHaveOpenWindows },
  returning: ['cmp_subscription_id', 'scheduled_on', 'lines'],
  event({ id, version, value, stored }, { tenantId, connectorId, asOf }) {
    const detail = 'products' in value ? value : undefined;
    const known = stored as {
      cmp_subscription_id?: string;
      scheduled_on?: string;
      lines?: ProviderOrderLineV1[];
    };
    const data = {
      connectorId,
      cmpOrderId: value.id,
      orderNumber: value.orderNumber ?? '',
      type: value.type,
      status: value.status,
      statusCode: value.statusCode,
      cmpAccountId: value.customerId,
      cmpSubscriptionId: known.cmp_subscription_id ?? detail?.subscriptionId,
      createdAt: value.creationDate,
      scheduledOn: known.scheduled_on ?? detail?.scheduledOn,
      upgrade: detail && isUpgrade(detail),
      lines: detail ? orderLines(detail) : (known.lines ?? undefined),
      asOf,
    };
    const facts = { tenantId, aggregateId: id, version };
    return isOpenOrder(value)
      ? event(ProviderOrderSeenV1, data, facts)
      : event(ProviderOrderSettledV1, data, facts);
  },
  noLongerListed() {
    throw new Error('Orders are never read as a complete listing, so `noLongerListed` must not be called.');
  },
});

const moving: ReadonlySet<string> = new Set(['switch', 'transfer', 'transferRefund']);

/** True if the order only moves seats to another product, plan, term or customer. */
const isUpgrade = ({ products, details, targetSubscriptionId }: CmpOrderDetail): boolean =>
  targetSubscriptionId !== undefined ||
  products.some(({ newMpn, newId }) => newMpn !== undefined || newId !== undefined) ||
  details.some(({ type }) => type !== undefined && moving.has(type));

/** The products in CMP's detail of an order. */
export const orderLines = ({ products }: CmpOrderDetail): ProviderOrderLineV1[] =>
  products
    .filter((line) => line.mpn)
    .map(({ mpn, vendor, id, quantity, subscriptionId }) => ({
      mpn: mpn!,
      vendor,
      productId: id,
      quantity,
      cmpSubscriptionId: subscriptionId,
    }));
