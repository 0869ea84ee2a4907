import type { Statements } from '@isthmus/messaging';
import { explain } from '../domain/subscription/observe.ts';
import { takeStep } from './keep-subscription.ts';
import { knownOrders, lockExplanations, type AtCmp } from './provider-orders.ts';
import { subscriptionColumns, type SubscriptionRow } from './subscription-row.ts';

/** Corrects term and lots of a subscription after an order of it became known; what is not kept yet will look by itself. */
export async function explainSubscription(
  client: Statements,
  of: AtCmp,
  { correlationId, orderId }: { correlationId: string; orderId?: string },
): Promise<void> {
  await lockExplanations(client, of);
  const { rows } = await client.query<SubscriptionRow>(
    `select ${subscriptionColumns} from subscriptions s
     where s.tenant_id = $1 and s.connector_id = $2 and s.cmp_subscription_id = $3 for no key update of s`,
    [of.tenantId, of.connectorId, of.cmpSubscriptionId],
  );
  const row = rows[0];
  const explained = row && explain(row.state, await knownOrders(client, of));
  if (explained) await takeStep(client, row, { ...explained, owner: row, orderId }, { correlationId });
}
