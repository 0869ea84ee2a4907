import type { TenantRows } from '@isthmus/service-kit';
import type { OrderRecord } from '../domain/order/order-record.ts';
import type { WaitFacts } from '../domain/order/order-wait.ts';
import { waitColumn, waitJoins } from './order-context.ts';

export interface OrderStateRow {
  id: string;
  record: OrderRecord;
  /** Of a purchase: the one it has brought about, once the mirror has told of it. */
  subscriptionId: string | null;
  wait: WaitFacts | null;
}

/** How these orders of a connector stand, the oldest first. */
export const readOrderStates = (
  rows: TenantRows,
  connectorId: string,
  ids: readonly string[],
): Promise<OrderStateRow[]> =>
  rows.select(
    `select o.id, o.record, ${waitColumn}, coalesce(o.subscription_id, s.id) as "subscriptionId"
     from orders o left join subscriptions s on s.tenant_id = o.tenant_id and s.connector_id = o.connector_id
       and s.cmp_subscription_id = o.record->>'cmpSubscriptionId' ${waitJoins}
     where o.tenant_id = $1 and o.connector_id = $2 and o.id = any($3::uuid[]) order by o.position`,
    [connectorId, ids],
  );
