import type { ProviderSubscriptionChangedV1 } from '@isthmus/contracts';
import type { Statements } from '@isthmus/messaging';
import { changedByOrder, type Explained } from '../domain/subscription/changed-by-order.ts';
import type { OrderRecord } from '../domain/order/order-record.ts';
import type { SubscriptionRow } from './subscription-row.ts';

/** The order of ours that explains the seats in the news, if any, and when it can have brought them about. */
export async function orderBehind(
  client: Statements,
  { id: subscriptionId, state }: Pick<SubscriptionRow, 'id' | 'state'>,
  { asOf, lines }: ProviderSubscriptionChangedV1,
): Promise<(Explained & { orderId: string }) | null> {
  const { rows } = await client.query<{ id: string; record: OrderRecord }>(
    `select id, record from orders where subscription_id = $1 and kind = 'change-quantity' and status = 'settled'
     order by position desc limit 1`,
    [subscriptionId],
  );
  const { id, record } = rows[0] ?? {};
  if (!id || !record) return null;
  const of = record.ask.kind === 'change-quantity' ? record.ask.product : undefined;
  // The line that the order was about, wherever CMP lists it.
  const isIt = (mpn: string, cmpProductId: string) =>
    of !== undefined && (of.cmpProductId ? of.cmpProductId === cmpProductId : of.mpn === mpn);
  const explained = changedByOrder(record, {
    before: state.lines?.find((line) => isIt(line.mpn, line.cmpProductId))?.seats,
    after: lines.find((line) => isIt(line.mpn, line.productId))?.quantity,
    asOf: Date.parse(asOf),
  });
  return explained && { orderId: id, ...explained };
}
