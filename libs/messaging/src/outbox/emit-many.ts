import type { NewEvent } from './event.ts';
import type { Statements } from './statements.ts';

/**
 * The data travels as one JSON array, because escaping documents into an array literal and parsing that took two thirds of
 * the time: 26 k rows/s so, 44 k this way, on the same busy machine. json_array_elements hands each one on as it is written.
 */
const insert = `insert into outbox
  (id, subject, aggregate_id, aggregate_version, tenant_id, correlation_id, traceparent, time, data)
  select * from rows from (unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::uuid[], $6::text[], $7::text[],
    $8::timestamptz[]), json_array_elements($9))`;

/** Rows per statement: 500 to 5,000 are alike; more only holds more memory. */
const rowsPerStatement = 2_000;

/** Says many things at once, inside the caller's transaction, in the order given. */
export async function emitMany(client: Statements, events: readonly NewEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += rowsPerStatement) {
    const rows = events.slice(start, start + rowsPerStatement);
    await client.query({ name: 'isthmus-emit-many', text: insert, values: columns(rows) });
  }
}

function columns(rows: readonly NewEvent[]): unknown[] {
  return [
    literal(rows.map((row) => row.id)),
    rows.map((row) => row.subject),
    rows.map((row) => row.aggregateId),
    literal(rows.map((row) => row.aggregateVersion)),
    literal(rows.map((row) => row.tenantId)),
    rows.map((row) => row.correlationId),
    rows.map((row) => row.traceparent),
    literal(rows.map((row) => row.time.toISOString())),
    `[${rows.map((row) => JSON.stringify(row.data)).join(',')}]`,
  ];
}

/** An array literal of what needs no quotes; the driver would look for some in every element. */
const literal = (values: readonly (string | number)[]): string => `{${values.join(',')}}`;
