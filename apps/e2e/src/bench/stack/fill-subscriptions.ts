import type { Databases } from './databases.ts';

/** New commerce subscriptions of a hundred customers, far from any window or renewal, as subscription-lifecycle keeps them after a sync; answers their ids. */
export async function fillSubscriptions(
  databases: Databases,
  url: string,
  tenantId: string,
  count: number,
): Promise<string[]> {
  const line = {
    ...{ vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LCHC:0002', cmpProductId: 'PRD326534', seats: 10 },
    name: 'Microsoft 365 Business Premium (NCE COM MTH)',
    unitPrice: { amount: '22.00', currency: 'USD' },
    unitCost: { amount: '17.60', currency: 'USD' },
    vendorSubscriptionId: '4f0a4c1e-7b1c-4a7e-9d0f-2f6f6f0f7a11',
  };
  const state = {
    ...{ name: line.name, status: 'active', autoRenew: true, creationDate: '2025-09-03', lines: [line] },
    ...{ renewalDate: '2027-09-03', expirationDate: '2027-09-02', termStartedAt: null, providerVersion: 2 },
    ...{ billingPeriod: { type: 'month', duration: 1 }, term: { type: 'year', duration: 1 } },
    ...{ lots: [{ seats: 10, addedAt: Date.UTC(2025, 8, 3) }], asOf: Date.UTC(2026, 10, 1), linesAsOf: null },
  };
  const rows = await databases.query<{ id: string }>(
    `insert into subscriptions (id, tenant_id, connector_id, cmp_subscription_id, cmp_account_id, provider_account_id, name, status, state)
     select gen_random_uuid(), '${tenantId}', '7d0f2b5e-3c1a-4a5e-8f0e-5a3f1c2e1111', (1300000 + n)::text, (1000100 + n % 100)::text,
       null, '${line.name}', 'active', '${JSON.stringify(state)}' from generate_series(1, ${count}) n returning id`,
    url,
  );
  await databases.query('vacuum analyze', url);
  return rows.map(({ id }) => id);
}
