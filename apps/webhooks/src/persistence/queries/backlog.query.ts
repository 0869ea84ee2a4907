import type { TenantRows } from '@isthmus/service-kit';

export interface Backlog {
  pending: number;
  undelivered: number;
}

/** How much is on its way to an endpoint, and how much did not reach it. */
export async function countBacklog(rows: TenantRows, endpointId: string): Promise<Backlog> {
  const [counts] = await rows.select<Backlog & Record<string, number>>(
    `select (select count(*)::int from deliveries where tenant_id = $1 and endpoint_id = $2 and status = 'pending') as pending,
       (select count(*)::int from deliveries where tenant_id = $1 and endpoint_id = $2 and status = 'undelivered') as undelivered`,
    [endpointId],
  );
  return counts!;
}
