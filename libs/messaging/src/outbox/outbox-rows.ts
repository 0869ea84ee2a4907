import type { ClientBase } from 'pg';
import { toHeaders } from '../nats/cloud-event.ts';
import type { NewEvent } from './event.ts';
import type { Outgoing } from './publisher.ts';

/** A row as the relay reads it: its data stays the text it is stored as. */
export interface OutboxRow extends Omit<NewEvent, 'data'> {
  position: number;
  data: string;
}

export interface OutboxRange {
  after: number;
  upTo: number;
  /** Only rows said at or after this. */
  since?: Date;
  /** Only this contract's subject, or those beginning with it when it ends in a dot. */
  subject?: string;
}

const columns = `position::float8 as position, id, subject, aggregate_id as "aggregateId",
  aggregate_version::float8 as "aggregateVersion", tenant_id as "tenantId", correlation_id as "correlationId",
  traceparent, time, data::text as data`;

/** The next rows of a range, in order of position. */
export async function readOutbox(
  client: ClientBase,
  range: OutboxRange,
  limit: number,
): Promise<OutboxRow[]> {
  const { rows } = await client.query<OutboxRow>({
    name: 'isthmus-read-outbox',
    text: `select ${columns} from outbox where position > $1 and position <= $2 order by position limit $3`,
    values: [range.after, range.upTo, limit],
  });
  return rows;
}

/** As `readOutbox`, for the seldom case that only some rows are wanted. */
export async function searchOutbox(
  client: ClientBase,
  range: OutboxRange,
  limit: number,
): Promise<OutboxRow[]> {
  const { rows } = await client.query<OutboxRow>(
    `select ${columns} from outbox where position > $1 and position <= $2
     and ($4::timestamptz is null or time >= $4)
     and ($5::text is null or subject = $5 or (right($5, 1) = '.' and starts_with(subject, $5)))
     order by position limit $3`,
    [range.after, range.upTo, limit, range.since ?? null, range.subject ?? null],
  );
  return rows;
}

export function toOutgoing(row: OutboxRow, source: string, traceparent = row.traceparent): Outgoing {
  return { subject: row.subject, headers: toHeaders(row, source, traceparent), payload: row.data };
}
