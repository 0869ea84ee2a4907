import type { Statements } from '@isthmus/messaging';

/** The contract that a new subscription of an account lands on: its tenant account's default one, if there is exactly one. */
export async function defaultContractOf(
  client: Statements,
  tenantId: string,
  providerAccountId: string,
): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    `select c.id from billing_contracts c join account_links l using (tenant_id, tenant_account_id)
     where l.tenant_id = $1 and l.provider_account_id = $2 and c.is_default limit 2`,
    [tenantId, providerAccountId],
  );
  return rows.length === 1 ? rows[0]!.id : null;
}
