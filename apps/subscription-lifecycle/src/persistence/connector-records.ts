import type { LifecycleRecordCounts } from '@isthmus/contracts';
import type { TenantRows } from '@isthmus/service-kit';
import { endedStatuses } from '../domain/subscription/subscription-record.ts';

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
