import type { ProviderSubscriptionChangedV1 } from '@isthmus/contracts';
import type { Statements } from '@isthmus/messaging';
import { changedByOrder } from '../domain/subscription/changed-by-order.ts';
import type { OrderRecord } from '../domain/order/order-record.ts';
import type { SubscriptionRow } from './subscription-row.ts';

/** The order of ours that brought about the seats in the news, if any. */
export async function orderBehind(
  client: Statements,
  { id: subscriptionId, tenantId }: Pick<SubscriptionRow, 'id' | 'tenantId'>,
  { asOf, lines }: ProviderSubscriptionChangedV1,
): Promise<{ orderId: string } | null> {
  const { rows } = await client.query<{ id: string; record: OrderRecord }>(
    `select id, record from orders where tenant_id = $2 and subscription_id = $1 and kind = 'change-quantity'
       and status = 'settled' order by position desc limit 1`,
    [subscriptionId, tenantId],
  );
  const { id, record } = rows[0] ?? {};
  if (!id || !record) return null;
  const of = record.ask.kind === 'change-quantity' ? record.ask.product : undefined;
  // The line that the order was about, wherever CMP lists it.
  const isIt = (mpn: string, cmpProductId: string) =>
    of !== undefined && (of.cmpProductId ? of.cmpProductId === cmpProductId : of.mpn === mpn);
  const after = lines.find((line) => isIt(line.mpn, line.productId))?.quantity;
  return changedByOrder(record, { after, asOf: Date.parse(asOf) }) ? { orderId: id } : null;
}
