import type { Statements } from '@isthmus/messaging';
import type { SubscriptionRow } from './subscription-row.ts';

/** Whether a billing contract is one of the tenant account that the subscription's provider account is linked to. */
export async function isContractOfAccount(
  client: Statements,
  { tenantId, connectorId, cmpAccountId }: SubscriptionRow,
  billingContractId: string,
): Promise<boolean> {
  const { rows } = await client.query(
    `select 1 from billing_contracts c join account_links l using (tenant_id, tenant_account_id)
       join provider_accounts a on a.tenant_id = l.tenant_id and a.id = l.provider_account_id
     where c.tenant_id = $1 and c.id = $2 and a.connector_id = $3 and a.cmp_account_id = $4`,
    [tenantId, billingContractId, connectorId, cmpAccountId],
  );
  return rows.length > 0;
}
