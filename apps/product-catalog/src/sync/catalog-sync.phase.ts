import {
  applyPlanPhase,
  type DueRun,
  type LeasedRun,
  mirrorListing,
  type Phase,
  appliedPlanId,
  type PlanMirrors,
} from '@isthmus/sync-engine';
import type { Pool } from 'pg';
import type { ProductCatalogEnv } from '../config.ts';
import { reevaluatePartNumbers } from '../part-numbers/part-numbers.store.ts';
import { productMirror } from './product.mirror.ts';

const productsPhase: Phase = {
  name: 'products',
  run: (context) =>
    mirrorListing(context, {
      mirror: productMirror,
      page: (offset, limit) => context.cmp.products.page({ offset, limit }, { signal: context.signal }),
    }),
};

/** Resolves every part number in use again: products have been added, withdrawn and renamed. */
const partNumbersPhase: Phase = {
  name: 'part-numbers',
  async run(context) {
    if (!context.run.apply) return;
    await context.commit({
      done: 0,
      write: async (client) => {
        await reevaluatePartNumbers(client, context.run);
        return {};
      },
    });
  },
};

/** The mirrors that a plan of the catalogue can write. */
export const planMirrors: PlanMirrors = { [productMirror.kind]: { mirror: productMirror } };

/** A catalogue sync: CMP's whole product list, or what a plan has read; then the part numbers in use are resolved again. */
export const phasesOf = (_: Pool, { target }: Pick<LeasedRun, 'target'>): Promise<readonly Phase[]> =>
  Promise.resolve([appliedPlanId(target) ? applyPlanPhase(planMirrors) : productsPhase, partNumbersPhase]);

/** The connector has no schedule for the catalogue: it is read every CATALOG_SYNC_MINUTES, for the first time as soon as the connector exists. */
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
