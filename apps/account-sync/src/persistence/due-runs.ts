import type { DueRun } from '@isthmus/sync-engine';
import type { Pool } from 'pg';
import type { WorkerEnv } from '../worker.config.ts';

/** Scrubs share the sweep's switch and come once an hour, in the hope of spare calls; reports share the accounts' switch. */
const scrubMinutes = 60;

/** What the schedules of active connectors ask for now: nothing of the kind under way, and the last one long enough ago. One that waits for approval holds up no other. */
export async function dueRuns(pool: Pool, { REPORT_EVERY_MINUTES }: WorkerEnv): Promise<DueRun[]> {
  const { rows } = await pool.query<DueRun>(
    `select c.tenant_id as "tenantId", c.connector_id as "connectorId", due.scope, due.depth
     from connectors c
     cross join lateral (values
       ('accounts', 'full', (c.schedule->>'accountsMinutes')::float8),
       ('subscriptions', 'incremental', (c.schedule->>'tickMinutes')::float8),
       ('subscriptions', 'full', (c.schedule->>'sweepMinutes')::float8),
       ('subscriptions', 'scrub', case when (c.schedule->>'sweepMinutes')::float8 > 0 then $1::float8 else 0 end),
       ('reports', 'incremental', case when (c.schedule->>'accountsMinutes')::float8 > 0 then $2::float8 else 0 end)
     ) as due(scope, depth, minutes)
     where c.status = 'active' and due.minutes > 0
       and exists (select from provider_accounts a where a.connector_id = c.connector_id)
       and not exists (
         select from sync_runs r
         where r.connector_id = c.connector_id and r.scope = due.scope and r.depth = due.depth and r.target = ''
           and r.created_at > greatest(now() - make_interval(secs => due.minutes * 60), c.restored_at))
       and not exists (
         select from sync_runs r
         where r.connector_id = c.connector_id and r.scope = due.scope and r.depth = due.depth and r.target = ''
           and r.status in ('queued', 'running'))`,
    [scrubMinutes, REPORT_EVERY_MINUTES],
  );
  return rows;
}
