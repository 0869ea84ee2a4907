import { MessagingOptions } from '@isthmus/messaging';
import { inTenant } from '@isthmus/service-kit';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { GroupCommit } from '../group-commit.ts';
import type { PublishedEvent } from '../deliveries/webhook-message.ts';
import { matchingFilters } from '../endpoints/endpoint-settings.ts';

/**
 * The inbox of this service, for many events at a time: what `Inbox.once` does for one, with a transaction of four round trips
 * each, is one statement for all of a tenant that arrive at the same moment.
 */
@Injectable()
export class EventStore {
  readonly #commits: GroupCommit<ReceivedEvent, number | Promise<number>>;

  constructor(
    private readonly pool: Pool,
    private readonly options: MessagingOptions,
  ) {
    this.#commits = new GroupCommit((events) => this.#store(events));
  }

  /** Resolves when the event is stored; returns how many endpoints it goes to, 0 when it was received before. */
  async store(event: ReceivedEvent): Promise<number> {
    return this.#commits.add(event);
  }

  /** An event that PostgreSQL rejects must not affect the others: then each is stored separately. */
  async #store(events: readonly ReceivedEvent[]): Promise<(number | Promise<number>)[]> {
    try {
      const counts = await Promise.all(
        [...Map.groupBy(events, ({ tenantId }) => tenantId)].map((own) => this.#storeOf(...own)),
      );
      const all = new Map(counts.flatMap((own) => [...own]));
      return events.map(({ id }) => all.get(id) ?? 0);
    } catch (error) {
      if (events.length === 1) throw error;
      return events.map(async (event) => (await this.#storeOf(event.tenantId, [event])).get(event.id) ?? 0);
    }
  }

  #storeOf(tenantId: string, events: readonly ReceivedEvent[]): Promise<Map<string, number>> {
    return inTenant(tenantId, () => storeEvents(this.pool, this.options.consumer, events));
  }
}

interface ReceivedEvent extends PublishedEvent {
  /** The kind of the event's subject, such as `account-sync.provider-account`. */
  kind: string;
}

/**
 * Inbox, events and deliveries in one statement, which is one transaction and one round trip for many events. A disabled
 * endpoint gets a delivery too, which a recovery will send. No endpoint is sent what this service publishes about that
 * endpoint itself: while it is failing, it could not be reached anyway.
 */
const insertEvents = `
  with received as (
    select * from json_to_recordset($2) as r(id uuid, "tenantId" uuid, source text, type text, time timestamptz, subject text,
      aggregate text, "aggregateVersion" bigint, "correlationId" text, traceparent text, data text, filters text[])
  ), first_time as (
    insert into inbox (consumer, event_id) select $1, id from received on conflict do nothing returning event_id
  ), event as (
    insert into events (id, tenant_id, source, type, time, subject, aggregate, aggregate_version, correlation_id,
      traceparent, data)
    select id, "tenantId", source, type, time, subject, aggregate, "aggregateVersion", "correlationId", traceparent, data::json
    from received join first_time on event_id = id
    on conflict (id) do nothing
    returning id, tenant_id, type, subject, aggregate
  ), delivery as (
    insert into deliveries (tenant_id, endpoint_id, event_id, aggregate, status)
    select event.tenant_id, endpoint.id, event.id, event.aggregate,
      case endpoint.status when 'enabled' then 'pending' else 'undelivered' end
    from event join received on received.id = event.id
      join endpoints endpoint on endpoint.tenant_id = event.tenant_id and endpoint.event_types && received.filters
    where not (event.type like 'webhooks.%' and event.subject = endpoint.id::text)
    returning event_id
  )
  select event_id as id, count(*)::int as deliveries from delivery group by event_id`;

/**
 * Stores events of one tenant, each once no matter how many times it arrives, with a delivery for each endpoint that subscribes
 * to it.
 * @param consumer the name in the inbox
 * @returns the number of deliveries of each event that has any
 */
async function storeEvents(
  pool: Pool,
  consumer: string,
  events: readonly ReceivedEvent[],
): Promise<Map<string, number>> {
  const rows = events.map(({ kind, ...event }) => ({
    ...event,
    aggregate: `${kind}/${event.subject}`,
    filters: matchingFilters(event.type),
  }));
  const { rows: made } = await pool.query<{ id: string; deliveries: number }>({
    name: 'webhooks-store',
    text: insertEvents,
    // Ordered by id, so that two processes that receive the same events lock in the same order.
    values: [consumer, JSON.stringify(rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)))],
  });
  return new Map(made.map(({ id, deliveries }) => [id, deliveries]));
}
