import { SubscriptionChangedV1 } from '@isthmus/contracts';
import { emitMany, event, type Message, type Statements } from '@isthmus/messaging';
import { explain } from '../domain/subscription/observe.ts';
import { factsOf, recordHistory, storeState } from './keep-subscription.ts';
import { knownOrders, lockExplanations, type AtCmp } from './provider-orders.ts';
import { subscriptionColumns, type SubscriptionRow } from './subscription-row.ts';

/** Corrects term and lots of a subscription after an order of it became known; what is not kept yet will look by itself. */
export async function explainSubscription(
  client: Statements,
  of: AtCmp,
  { correlationId, cause, orderId }: { correlationId: string; cause?: Message; orderId?: string },
): Promise<void> {
  await lockExplanations(client, of);
  const { rows } = await client.query<SubscriptionRow>(
    `select ${subscriptionColumns} from subscriptions s
     where tenant_id = $1 and connector_id = $2 and cmp_subscription_id = $3 for update`,
    [of.tenantId, of.connectorId, of.cmpSubscriptionId],
  );
  const row = rows[0];
  if (!row) return;
  const explained = explain(row.state, await knownOrders(client, of));
  if (!explained) return;
  const { state, changes } = explained;
  const { tenantId } = of;
  const version = await storeState(client, row.id, state, undefined);
  const source = orderId ? 'order' : 'cmp';
  await recordHistory(client, { tenantId, correlationId }, row.id, source, orderId ?? null, changes);
  const changed = changes.map(({ fact }) => fact);
  const said = { ...factsOf({ ...row, state }, state.asOf), changed, source, orderId } as const;
  const facts = { tenantId, aggregateId: row.id, version, correlationId, cause };
  await emitMany(client, [event(SubscriptionChangedV1, said, facts)]);
}
