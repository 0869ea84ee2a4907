import { emitMany, type Statements } from '@isthmus/messaging';
import { heldRunColumns, type HeldRun } from './run-lease.ts';
import { openStatuses } from './run-lifecycle.ts';
import type { RunFailure } from './run-report.ts';
import type { RunTeller } from './run-teller.ts';

const connectorRemoved: RunFailure = {
  code: 'connector.removed',
  detail: 'The connector was removed.',
  nextStep: 'Create the connector again if its account is to be read.',
};

/**
 * Ends every open run of a removed connector at once, with its event, in the caller's transaction. A worker that is in the
 * midst of one loses its lease with that and writes nothing more.
 */
export async function endRunsOf(
  client: Statements,
  tell: RunTeller,
  tenantId: string,
  connectorId: string,
): Promise<void> {
  const { rows } = await client.query<HeldRun>(
    `update sync_runs set status = 'cancelled', cancel_requested_at = coalesce(cancel_requested_at, now()), finished_at = now(),
       failure = $4, waiting = null, lease_until = null, lease_token = lease_token + 1
     where tenant_id = $1 and connector_id = $2 and status = any($3)
     returning ${heldRunColumns}`,
    [tenantId, connectorId, openStatuses, JSON.stringify(connectorRemoved)],
  );
  await client.query('delete from sync_seen where run_id = any($1)', [rows.map(({ id }) => id)]);
  await emitMany(
    client,
    rows.map((run) => tell.finished(run, 'cancelled', run.counts, connectorRemoved)),
  );
}
