import type { ClientBase } from 'pg';

const rowsPerStatement = 5_000;

/** Twice what a stream keeps: whatever JetStream may still deliver is recognised. */
const keepInboxDays = 14;

/**
 * Forgets some of what is older than anybody may want again.
 *
 * @returns true when there is more to forget
 */
export async function prune(client: ClientBase, keepOutboxDays: number, position: number): Promise<boolean> {
  const outbox = await client.query(
    `delete from outbox where position in (select position from outbox
     where position <= $1 and time < now() - $2 * interval '1 day' order by position limit $3)`,
    [position, keepOutboxDays, rowsPerStatement],
  );
  const inbox = await client.query(
    `delete from inbox where (consumer, event_id) in (select consumer, event_id from inbox
     where handled_at < now() - $1 * interval '1 day' limit $2)`,
    [keepInboxDays, rowsPerStatement],
  );
  return outbox.rowCount === rowsPerStatement || inbox.rowCount === rowsPerStatement;
}
