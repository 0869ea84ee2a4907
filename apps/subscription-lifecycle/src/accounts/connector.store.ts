import type { LifecycleRecordCounts } from '@isthmus/contracts';
import type { Message, Statements } from '@isthmus/messaging';
import type { TenantRows } from '@isthmus/service-kit';
import { reason } from '../orders/order.ts';
import { stopForRemovedConnector } from '../orders/protocol/order-policy.ts';
import { endedStatuses } from '../subscriptions/subscription.ts';
import { stopAll } from '../orders/order.store.ts';

/** Whether the connector of a row was removed, in SQL. */
export const connectorRemoved = (alias: string): string =>
  `exists (select from connector_removals r where r.connector_id = ${alias}.connector_id and r.tenant_id = ${alias}.tenant_id and r.removed)`;

/** Orders of it are refused from now on; those that are open are stopped. Older news changes nothing. */
export async function removeConnector(
  client: Statements,
  connectorId: string,
  message: Message,
): Promise<void> {
  if (!(await keepRemoved(client, connectorId, true, message))) return;
  const why = reason(
    'connector-removed',
    'The connector was removed before the change was due.',
    'Set the connector up again, then schedule the change again if it is still wanted.',
  );
  const scope = { tenantId: message.tenantId, column: 'connector_id', id: connectorId } as const;
  await stopAll(client, scope, why, stopForRemovedConnector, message.type);
}

/** Orders of it are taken again; what became of those that were stopped is looked for now. Its records revive with the next sync. */
export async function restoreConnector(
  client: Statements,
  connectorId: string,
  message: Message,
): Promise<void> {
  if (!(await keepRemoved(client, connectorId, false, message))) return;
  await client.query(
    `update orders set next_step_at = now() where tenant_id = $1 and connector_id = $2 and next_step_at > now()
       and status not in ('settled', 'refused', 'withdrawn')`,
    [message.tenantId, connectorId],
  );
}

/** @returns whether it was news */
async function keepRemoved(
  client: Statements,
  connectorId: string,
  removed: boolean,
  { tenantId, aggregateVersion }: Message,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into connector_removals as r (connector_id, tenant_id, removed, version) values ($1, $2, $3, $4)
     on conflict (connector_id) do update set removed = excluded.removed, version = excluded.version
     where r.version < excluded.version and r.tenant_id = excluded.tenant_id`,
    [connectorId, tenantId, removed, aggregateVersion],
  );
  return rowCount === 1;
}

/** What depends on a connector here. */
export async function countConnectorRecords(
  rows: TenantRows,
  connectorId: string,
): Promise<LifecycleRecordCounts> {
  const [counts] = await rows.select<LifecycleRecordCounts & Record<string, unknown>>(count, [
    connectorId,
    endedStatuses,
  ]);
  return counts!;
}

/** A planned order that was sent before may be at CMP, as one may whose fate is unknown. */
const count = `
  select
    (select count(*)::int from subscriptions s where s.tenant_id = $1 and s.connector_id = $2
       and s.ended_at is null and s.status <> all($3)) as "liveSubscriptions",
    (select count(*)::int from scheduled_changes c where c.tenant_id = $1 and c.connector_id = $2
       and c.status in ('proposed', 'planned', 'ordered')) as "scheduledChanges", o.*
  from (
    select
      count(*) filter (where status = 'planned' and not sent)::int as "ordersPlanned",
      count(*) filter (where status = 'sending')::int as "ordersSending",
      count(*) filter (where status = 'unknown' or status = 'planned' and sent)::int as "ordersUnknown",
      count(*) filter (where status in ('accepted', 'scheduled', 'proving'))::int as "ordersAccepted",
      count(*) filter (where status in ('needs-attention', 'completed-not-effective'))::int as "ordersNeedingAttention"
    from (select status, (record ->> 'attempts')::int > 0 as sent from orders
      where tenant_id = $1 and connector_id = $2 and status not in ('settled', 'refused', 'withdrawn')) as open) as o`;
