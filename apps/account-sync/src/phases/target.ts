import type { HeldRun, RunContext } from '@isthmus/sync-engine';
import type { Pool } from 'pg';

export interface TargetAccount {
  id: string;
  cmpId: string;
}

/**
 * The provider accounts a run is narrowed to: one account (`provider-account:<id>`) or those linked to the tenant account of a billing
 * contract (`billing-contract:<id>`); undefined for a run over all of them. Accounts whose sync is off are left out.
 */
export async function targetAccounts(pool: Pool, run: HeldRun): Promise<TargetAccount[] | undefined> {
  if (!run.target) return undefined;
  const [kind, id] = run.target.split(':');
  const which =
    kind === 'provider-account'
      ? 'a.id = $3'
      : `a.tenant_account_id = (select tenant_account_id from billing_contracts where tenant_id = $1 and id = $3)`;
  const { rows } = await pool.query<TargetAccount>(
    `select a.id, a.cmp_id as "cmpId" from provider_accounts a
     where a.tenant_id = $1 and a.connector_id = $2 and a.sync_enabled and a.gone_at is null and ${which} order by a.id`,
    [run.tenantId, run.connectorId, id],
  );
  return rows;
}

/** CMP ids of the accounts whose sync is switched off. */
export async function switchedOffAccounts({ pool, run }: RunContext): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ cmp_id: string }>(
    'select cmp_id from provider_accounts where tenant_id = $1 and connector_id = $2 and not sync_enabled',
    [run.tenantId, run.connectorId],
  );
  return new Set(rows.map((row) => row.cmp_id));
}
