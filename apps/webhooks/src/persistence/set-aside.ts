import type { Statements } from '@isthmus/messaging';

/** What was on its way to an endpoint that is disabled counts as undelivered, and can be recovered. */
export async function setAside(client: Statements, tenantId: string, endpointId: string): Promise<void> {
  await client.query({
    text: `update deliveries set status = 'undelivered' where tenant_id = $1 and endpoint_id = $2 and status = 'pending'`,
    values: [tenantId, endpointId],
  });
}
