import { DomainError } from '@isthmus/domain';
import type { Statements } from '@isthmus/messaging';
import { Conditions, type CursorKey, type TenantRows } from '@isthmus/service-kit';
import type { DeliveryStatus } from './delivery.entity.ts';
import type { PublishedEvent } from './webhook-message.ts';

export interface DeliveryRow {
  id: string;
  endpointId: string;
  eventId: string;
  eventType: string;
  subject: string;
  status: DeliveryStatus;
  attempts: number;
  lastAttemptAt: Date | null;
  lastStatus: number | null;
  lastError: string | null;
  nextAttemptAt: Date;
  createdAt: Date;
  /** With all its digits, for the cursor. */
  createdAtText: string;
}

export interface AttemptRow {
  number: number;
  at: Date;
  durationMs: number;
  url: string;
  requestHeaders: Record<string, string>;
  status: number | null;
  error: string | null;
  responseHead: string | null;
}

const columns = `d.id, d.endpoint_id as "endpointId", d.event_id as "eventId", e.type as "eventType", e.subject, d.status,
  d.attempts, d.last_attempt_at as "lastAttemptAt", d.last_status as "lastStatus", d.last_error as "lastError",
  d.next_attempt_at as "nextAttemptAt", d.created_at as "createdAt",
  to_char(d.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "createdAtText"`;

/** The newest first; one more than `limit` when there are more. */
export function listDeliveries(
  rows: TenantRows,
  filter: { endpointId: string; status?: DeliveryStatus },
  after: CursorKey | undefined,
  limit: number,
): Promise<DeliveryRow[]> {
  const where = new Conditions('d.tenant_id = $1')
    .when(filter.endpointId, (id) => `d.endpoint_id = ${id}`)
    .when(filter.status, (status) => `d.status = ${status}`)
    .after(after, 'd.created_at, d.id', ['timestamptz', 'uuid'], '<');
  const more = where.param(limit + 1);
  return rows.select(
    `select ${columns} from deliveries d join events e on e.id = d.event_id where ${where}
     order by d.created_at desc, d.id desc limit ${more}`,
    where.values,
  );
}

/** @throws DeliveryNotFound */
export async function readDelivery(rows: TenantRows, id: string): Promise<DeliveryRow> {
  const [row] = await rows.select<DeliveryRow>(
    `select ${columns} from deliveries d join events e on e.id = d.event_id where d.tenant_id = $1 and d.id = $2`,
    [id],
  );
  if (!row) throw new DeliveryNotFound(id);
  return row;
}

/** The last hundred, the latest first. */
export function listAttempts(rows: TenantRows, deliveryId: string): Promise<AttemptRow[]> {
  return rows.select(
    `select number, at, duration_ms as "durationMs", url, request_headers as "requestHeaders", status, error,
       response_head as "responseHead"
     from delivery_attempts where tenant_id = $1 and delivery_id = $2 order by number desc limit 100`,
    [deliveryId],
  );
}

/** The event of a delivery, as it is sent. */
export async function readEvent(rows: TenantRows, eventId: string): Promise<PublishedEvent> {
  const [event] = await rows.select<PublishedEvent>(
    `select id, source, type, time, subject, tenant_id as "tenantId", correlation_id as "correlationId",
       aggregate_version::float8 as "aggregateVersion", traceparent, data::text as data
     from events where tenant_id = $1 and id = $2`,
    [eventId],
  );
  return event!;
}

/** The place of an event in the order of arrival; undefined when it is not kept. */
export async function readSequence(rows: TenantRows, eventId: string): Promise<number | undefined> {
  const [event] = await rows.select<{ sequence: number }>(
    'select sequence::float8 as sequence from events where tenant_id = $1 and id = $2',
    [eventId],
  );
  return event?.sequence;
}

/**
 * The order things are sent in again: as they came, but within an aggregate by its version, should they have come otherwise.
 * Positions are drawn from rows that are sorted already.
 */
const replayOrder =
  'max(e.sequence) over (partition by e.aggregate order by e.aggregate_version, e.sequence)';

const replay = `
  insert into deliveries (tenant_id, endpoint_id, event_id, aggregate, status, in_order, position)
  select tenant_id, endpoint_id, id, aggregate, 'pending', true, nextval('delivery_position')
  from (
    select e.tenant_id, p.id as endpoint_id, e.id, e.aggregate
    from endpoints p join events e on e.tenant_id = p.tenant_id
      and p.event_types && array['*', split_part(e.type, '.', 1) || '.*', e.type]
      and not (e.type like 'webhooks.%' and e.subject = p.id::text)
    where p.tenant_id = $1 and p.id = $2 and ($3::timestamptz is null or e.time >= $3) and ($4::bigint is null or e.sequence >= $4)
    order by ${replayOrder}, e.aggregate_version, e.sequence
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
      order by ${replayOrder}, e.aggregate_version, e.sequence
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

/** Sends all that is kept and wanted by the endpoint, delivered or not. Returns how many events that is. */
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

/** Sends all that did not reach the endpoint. Returns how many deliveries that is. */
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

/** No delivery of this tenant has this id; those of events that are not kept any more are gone. */
class DeliveryNotFound extends DomainError {
  static override readonly code = 'webhook-delivery.not-found';

  constructor(deliveryId: string) {
    super(`There is no delivery ${deliveryId}.`, {
      nextStep: 'List the deliveries of the endpoint and take an id from there.',
    });
  }
}

/** A replay cannot begin at an event that is not kept. */
export class EventNotKept extends DomainError {
  static override readonly code = 'webhook-event.not-kept';

  constructor(eventId: string, keepDays: number) {
    super(
      `Event ${eventId} is not among those kept for replay, which are those of the last ${keepDays} days.`,
      { nextStep: 'Replay since a time instead.' },
    );
  }
}
