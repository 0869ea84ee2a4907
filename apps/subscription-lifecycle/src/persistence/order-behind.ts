import type { ProviderSubscriptionChangedV1 } from '@isthmus/contracts';
import type { Statements } from '@isthmus/messaging';
import type { OrderRecord } from '../domain/order/order-record.ts';

/**
 * The order of ours that explains the seats in the news, if any: then we know when they were added, to the minute.
 * One that was completed after CMP was read explains nothing.
 */
export async function orderBehind(
  client: Statements,
  subscriptionId: string,
  { asOf, lines }: ProviderSubscriptionChangedV1,
): Promise<{ orderId: string; changedAt: number } | null> {
  const { rows } = await client.query<{ id: string; record: OrderRecord }>(
    `select id, record from orders where subscription_id = $1 and kind = 'change-quantity' and status = 'settled'
     order by position desc limit 1`,
    [subscriptionId],
  );
  const { id, record } = rows[0] ?? {};
  if (!id || record?.ask.kind !== 'change-quantity' || record.completedAt === null) return null;
  const explains = record.completedAt <= Date.parse(asOf) && lines[0]?.quantity === record.ask.seats;
  return explains ? { orderId: id, changedAt: record.completedAt } : null;
}
