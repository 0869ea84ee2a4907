import { Logger } from '@nestjs/common';
import type { ClientBase, Pool } from 'pg';
import { createHash, randomUUID } from 'node:crypto';
import { messageOf } from '../failure.ts';
import { countParked } from '../telemetry.ts';

interface Parking {
  direction: 'in' | 'out';
  subject: string;
  headers: Readonly<Record<string, string>>;
  payload: Uint8Array;
  /** A machine code. */
  reason: string;
  error: unknown;
  tries: number;
}

const logger = new Logger('ParkedMessages');

/** Parks a message, counts it and logs an error. Parking it again only adds to its tries. */
export async function parkMessage(database: Pool | ClientBase, parking: Parking): Promise<void> {
  const messageId = parking.headers['ce-id'] ?? createHash('sha256').update(parking.payload).digest('hex');
  const detail = storable(messageOf(parking.error));
  await database.query(
    `insert into parked_messages (id, direction, subject, message_id, headers, payload, reason, detail, tries)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (direction, message_id) do update
     set reason = excluded.reason, detail = excluded.detail, tries = parked_messages.tries + excluded.tries, parked_at = now()`,
    [
      randomUUID(),
      parking.direction,
      storable(parking.subject),
      storable(messageId),
      JSON.stringify(parking.headers),
      Buffer.from(parking.payload),
      parking.reason,
      detail,
      parking.tries,
    ],
  );
  countParked(parking.direction, parking.reason);
  logger.error(
    `Parked ${parking.subject} ${storable(messageId)} (${parking.reason}, ${parking.direction}): ${detail}`,
  );
}

/** PostgreSQL's text cannot contain NUL, and a message may be parked because of one. */
const storable = (text: string): string => text.replaceAll('\u0000', '\uFFFD').slice(0, 4_000);
