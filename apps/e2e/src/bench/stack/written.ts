import type { Pool } from 'pg';
import type { Databases } from './databases.ts';

/** What a sync wrote, by PostgreSQL's own account. */
export interface Written {
  /** Subscriptions with a new row version. */
  rows: number;
  /** Subscription events but those that tell of a quantity, which only a detail knows. */
  events: number;
  /** Bytes of write-ahead log, of all services. */
  wal: number;
}

/** Notes where things stand; the answer says what was written since. */
export async function writtenSince(pool: Pool, databases: Databases): Promise<() => Promise<Written>> {
  const { rows } = await pool.query<{ xid: string; position: string }>(
    `select pg_current_xact_id()::text as xid, (select coalesce(max(position), 0) from outbox)::text as position`,
  );
  const { xid, position } = rows[0]!;
  const from = await databases.walPosition();
  return async () => {
    const wal = (await databases.walPosition()) - from;
    const found = await pool.query<{ rows: number; events: number }>(
      `select (select count(*)::int from provider_subscriptions where xmin::text::bigint > $1::bigint) as rows,
         (select count(*)::int from outbox where position > $2 and subject like 'account-sync.provider-subscription-%'
            and not coalesce((data::jsonb->'changed') ?| array['quantity', 'lines'], false)) as events`,
      [xid, position],
    );
    return { ...found.rows[0]!, wal };
  };
}
