import type { Pool } from 'pg';
import type { StoredFacts } from '../domain/cloud-event.ts';
import { filtersThatMatch } from '../domain/event-filter.ts';

export interface HeardEvent extends StoredFacts {
  /** What the event is about, such as `account-sync.provider-account`. */
  kind: string;
}

/**
 * Inbox, events and deliveries in one statement, which is one transaction and one round trip for many events. A disabled
 * endpoint gets a delivery too, which will be recovered if somebody asks for it. No endpoint hears what this service says about
 * that endpoint itself: of one that is failing, it could not be told anyway.
 */
const store = `
  with heard as (
    select * from json_to_recordset($2) as r(id uuid, "tenantId" uuid, source text, type text, time timestamptz, subject text,
      aggregate text, "aggregateVersion" bigint, "correlationId" text, traceparent text, data text, filters text[])
  ), first_time as (
    insert into inbox (consumer, event_id) select $1, id from heard on conflict do nothing returning event_id
  ), event as (
    insert into events (id, tenant_id, source, type, time, subject, aggregate, aggregate_version, correlation_id,
      traceparent, data)
    select id, "tenantId", source, type, time, subject, aggregate, "aggregateVersion", "correlationId", traceparent, data::json
    from heard join first_time on event_id = id
    on conflict (id) do nothing
    returning id, tenant_id, type, subject, aggregate
  ), delivery as (
    insert into deliveries (tenant_id, endpoint_id, event_id, aggregate, status)
    select event.tenant_id, endpoint.id, event.id, event.aggregate,
      case endpoint.status when 'enabled' then 'pending' else 'undelivered' end
    from event join heard on heard.id = event.id
      join endpoints endpoint on endpoint.tenant_id = event.tenant_id and endpoint.event_types && heard.filters
    where not (event.type like 'webhooks.%' and event.subject = endpoint.id::text)
    returning event_id
  )
  select event_id as id, count(*)::int as deliveries from delivery group by event_id`;

/**
 * Keeps events, each once however often it is heard, with a delivery for each endpoint of its tenant that wants it.
 * @param consumer the name in the inbox
 * @returns how many deliveries there are of each event, in the order given
 */
export async function storeEvents(
  pool: Pool,
  consumer: string,
  events: readonly HeardEvent[],
): Promise<number[]> {
  const rows = events.map(({ kind, ...event }) => ({
    ...event,
    aggregate: `${kind}/${event.subject}`,
    filters: filtersThatMatch(event.type),
  }));
  const { rows: made } = await pool.query<{ id: string; deliveries: number }>({
    name: 'webhooks-store',
    text: store,
    // In order of id: should two processes be told the same, they then lock in the same order.
    values: [consumer, JSON.stringify(rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)))],
  });
  const of = new Map(made.map(({ id, deliveries }) => [id, deliveries]));
  return events.map(({ id }) => of.get(id) ?? 0);
}
