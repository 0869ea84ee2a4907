import type { EntityManager } from '@mikro-orm/postgresql';
import { clientOf, TenantRows } from '@isthmus/service-kit';
import { cancelRun } from './run-actions.ts';
import { openStatuses } from './run-lifecycle.ts';
import type { RunTeller } from './run-teller.ts';
import { RunActionRefused } from './sync.errors.ts';

/** Cancels every run of a connector that can still be cancelled, in the transaction of `em`. */
export async function cancelRunsOf(
  em: EntityManager,
  tell: RunTeller,
  tenantId: string,
  connectorId: string,
): Promise<void> {
  const open = await TenantRows.within(em, tenantId).select<{ id: string }>(
    'select id from sync_runs where tenant_id = $1 and connector_id = $2 and status = any($3) order by id',
    [connectorId, openStatuses],
  );
  for (const { id } of open) {
    try {
      await cancelRun(clientOf(em), tell, tenantId, id);
    } catch (error) {
      // It came to its end between the two statements.
      if (!(error instanceof RunActionRefused)) throw error;
    }
  }
}
