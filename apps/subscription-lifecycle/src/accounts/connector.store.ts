import type { LifecycleRecordCounts } from '@isthmus/contracts';
import type { Message, Statements } from '@isthmus/messaging';
import type { TenantRows } from '@isthmus/service-kit';
import type { ConnectorPause } from '../orders/order.ts';
import { endedStatuses } from '../subscriptions/subscription.ts';

/** Whether the connector of a row was removed, in SQL. */
export const connectorRemoved = (alias: string): string =>
  `exists (select from connector_removals r where r.connector_id = ${alias}.connector_id and r.tenant_id = ${alias}.tenant_id and r.removed)`;

/** @returns whether it was newer than what was stored */
export async function recordPause(
  client: Statements,
  connectorId: string,
  pause: ConnectorPause | null,
  { tenantId, aggregateVersion }: Message,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into connector_pauses as p (connector_id, tenant_id, paused, automatic, detail, next_step, by, version)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (connector_id) do update set paused = excluded.paused, automatic = excluded.automatic, detail = excluded.detail,
       next_step = excluded.next_step, by = excluded.by, version = excluded.version
     where p.version < excluded.version and p.tenant_id = excluded.tenant_id`,
    [
      connectorId,
      tenantId,
      pause !== null,
      pause?.automatic ?? false,
      pause?.detail ?? '',
      pause?.nextStep ?? '',
      pause?.by ?? '',
      aggregateVersion,
    ],
  );
  return rowCount === 1;
}

/** @returns whether it was newer than what was stored */
export async function recordRemoval(
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
