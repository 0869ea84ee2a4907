import { emitMany } from '@isthmus/messaging';
import type { Pool } from 'pg';
import { inTransaction } from './in-transaction.ts';
import type { RunTeller } from './run-teller.ts';

/** Queues again what should be worked on but is not: its worker died, or its work item was lost. Answers how many. */
export function requeueOrphans(pool: Pool, tell: RunTeller): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string; tenant_id: string }>(
      `update sync_runs set enqueued_at = now()
       where id in (
         select id from sync_runs
         where (status = 'running' and lease_until < now() and enqueued_at < now() - interval '3 seconds'
             or status = 'queued' and enqueued_at < now() - interval '30 seconds')
           and (waiting is null or (waiting->>'until')::timestamptz < now())
         for update skip locked)
       returning id, tenant_id`,
    );
    await emitMany(
      client,
      rows.map((row) => tell.due({ id: row.id, tenantId: row.tenant_id })),
    );
    return rows.length;
  });
}
