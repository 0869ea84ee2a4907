import type { Statements } from '@isthmus/messaging';

/**
 * The order things are sent in again: as they came, but within an aggregate by its version, should they have come otherwise.
 * Positions are drawn from rows that are sorted already.
 */
const turn = 'max(e.sequence) over (partition by e.aggregate order by e.aggregate_version, e.sequence)';

const replay = `
  insert into deliveries (tenant_id, endpoint_id, event_id, aggregate, status, in_order, position)
  select tenant_id, endpoint_id, id, aggregate, 'pending', true, nextval('delivery_position')
  from (
    select e.tenant_id, p.id as endpoint_id, e.id, e.aggregate
    from endpoints p join events e on e.tenant_id = p.tenant_id
      and p.event_types && array['*', split_part(e.type, '.', 1) || '.*', e.type]
      and not (e.type like 'webhooks.%' and e.subject = p.id::text)
    where p.tenant_id = $1 and p.id = $2 and ($3::timestamptz is null or e.time >= $3) and ($4::bigint is null or e.sequence >= $4)
    order by ${turn}, e.aggregate_version, e.sequence
  ) sorted
  on conflict (endpoint_id, event_id) do update set status = 'pending', in_order = true, position = excluded.position,
    round = deliveries.round + 1, tries = 0, next_attempt_at = now()`;

const recover = `
  update deliveries set status = 'pending', in_order = true, position = placed.position, round = round + 1, tries = 0,
    next_attempt_at = now()
  from (
    select id, nextval('delivery_position') as position from (
      select d.id from deliveries d join events e on e.id = d.event_id
      where d.tenant_id = $1 and d.endpoint_id = $2 and d.status = 'undelivered'
      order by ${turn}, e.aggregate_version, e.sequence
    ) sorted
  ) placed
  where deliveries.id = placed.id`;

/** What is asked for now waits behind what is still being tried of an earlier replay. */
const holdBack = `
  update deliveries later set next_attempt_at = failed.next_attempt_at
  from deliveries failed
  where failed.tenant_id = $1 and failed.endpoint_id = $2 and failed.status = 'pending' and failed.in_order
    and failed.next_attempt_at > now() and later.endpoint_id = $2 and later.aggregate = failed.aggregate
    and later.status = 'pending' and later.in_order and later.position > failed.position
    and later.next_attempt_at < failed.next_attempt_at`;

const resend = `
  update deliveries set status = 'pending', in_order = false, position = nextval('delivery_position'), round = round + 1,
    tries = 0, next_attempt_at = now()
  where tenant_id = $1 and id = $2`;

interface EndpointKey {
  tenantId: string;
  endpointId: string;
}

/** Where a replay begins; an event by its sequence. */
export interface ReplayStart {
  since?: Date;
  sequence?: number;
}

/** Sends all that is kept and wanted by the endpoint, delivered or not. Answers how many events that is. */
export async function replayEvents(
  client: Statements,
  { tenantId, endpointId }: EndpointKey,
  { since, sequence }: ReplayStart,
): Promise<number> {
  const values = [tenantId, endpointId, since?.toISOString() ?? null, sequence ?? null];
  const { rowCount } = await client.query({ text: replay, values });
  await client.query({ text: holdBack, values: [tenantId, endpointId] });
  return rowCount ?? 0;
}

/** Sends all that did not reach the endpoint. Answers how many deliveries that is. */
export async function recoverDeliveries(
  client: Statements,
  { tenantId, endpointId }: EndpointKey,
): Promise<number> {
  const { rowCount } = await client.query({ text: recover, values: [tenantId, endpointId] });
  await client.query({ text: holdBack, values: [tenantId, endpointId] });
  return rowCount ?? 0;
}

/** Sends one delivery now, with all its attempts before it again. */
export async function resendDelivery(client: Statements, tenantId: string, id: string): Promise<void> {
  await client.query({ text: resend, values: [tenantId, id] });
}
