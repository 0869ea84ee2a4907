import { Conditions, type CursorKey, type TenantRows } from '@isthmus/service-kit';
import { DeliveryNotFound } from '../../domain/webhook.errors.ts';
import type { DeliveryStatus } from '../../domain/delivery.entity.ts';
import type { StoredFacts } from '../../domain/cloud-event.ts';

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
export async function eventOf(rows: TenantRows, eventId: string): Promise<StoredFacts> {
  const [event] = await rows.select<StoredFacts>(
    `select id, source, type, time, subject, tenant_id as "tenantId", correlation_id as "correlationId",
       aggregate_version::float8 as "aggregateVersion", traceparent, data::text as data
     from events where tenant_id = $1 and id = $2`,
    [eventId],
  );
  return event!;
}

/** The place of an event in the order of arrival; undefined when it is not kept. */
export async function sequenceOf(rows: TenantRows, eventId: string): Promise<number | undefined> {
  const [event] = await rows.select<{ sequence: number }>(
    'select sequence::float8 as sequence from events where tenant_id = $1 and id = $2',
    [eventId],
  );
  return event?.sequence;
}
