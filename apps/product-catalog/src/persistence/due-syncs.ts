import type { DueRun } from '@isthmus/sync-engine';
import type { Pool } from 'pg';
import type { ProductCatalogEnv } from '../config.ts';

/** The catalogue has no schedule of its own at the connector: it is read once in so many minutes, the first time as soon as there is one. */
export async function dueSyncs(pool: Pool, { CATALOG_SYNC_MINUTES }: ProductCatalogEnv): Promise<DueRun[]> {
  if (CATALOG_SYNC_MINUTES === 0) return [];
  const { rows } = await pool.query<DueRun>(
    `select c.tenant_id as "tenantId", c.connector_id as "connectorId", 'products' as scope, 'full' as depth
     from connectors c
     where c.status = 'active' and (c.schedule->>'sweepMinutes')::float8 > 0
       and not exists (
         select from sync_runs r
         where r.connector_id = c.connector_id and r.scope = 'products' and r.apply
           and (r.created_at > greatest(now() - make_interval(secs => $1 * 60), c.restored_at)
             or r.status in ('queued', 'running')))`,
    [CATALOG_SYNC_MINUTES],
  );
  return rows;
}
