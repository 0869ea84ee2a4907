import type { Statements } from '@isthmus/messaging';
import { filtersThatMatch } from '../domain/event-filter.ts';
import type { StoredFacts } from '../domain/cloud-event.ts';

/**
 * A disabled endpoint gets a delivery too, which will be recovered if somebody asks for it. No endpoint hears what the events
 * of this service say about itself: of one that is failing, that could not be told anyway.
 */
const store = `
  with event as (
    insert into events (id, tenant_id, source, type, time, subject, aggregate, aggregate_version, correlation_id,
      traceparent, data)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    on conflict (id) do nothing
    returning id, tenant_id, type, subject, aggregate
  )
  insert into deliveries (tenant_id, endpoint_id, event_id, aggregate, status)
  select event.tenant_id, endpoint.id, event.id, event.aggregate,
    case endpoint.status when 'enabled' then 'pending' else 'undelivered' end
  from event join endpoints endpoint on endpoint.tenant_id = event.tenant_id and endpoint.event_types && $12
  where not (event.type like 'webhooks.%' and event.subject = endpoint.id::text)`;

/**
 * Keeps an event, with a delivery for each endpoint of its tenant that wants it.
 * @param kind what the event is about, such as `account-sync.provider-account`
 * @returns how many deliveries there are
 */
export async function storeEvent(client: Statements, event: StoredFacts, kind: string): Promise<number> {
  const { rowCount } = await client.query({
    text: store,
    values: [
      event.id,
      event.tenantId,
      event.source,
      event.type,
      event.time,
      event.subject,
      `${kind}/${event.subject}`,
      event.aggregateVersion,
      event.correlationId,
      event.traceparent,
      event.data,
      filtersThatMatch(event.type),
    ],
  });
  return rowCount ?? 0;
}
