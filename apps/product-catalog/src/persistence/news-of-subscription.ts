import type { Message, Statements } from '@isthmus/messaging';

/** Notes a subscription's version; false when this service knows it at this version or a later one. */
export async function isNewsOf(
  client: Statements,
  providerSubscriptionId: string,
  { tenantId, aggregateVersion }: Message,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into seen_subscriptions as s (provider_subscription_id, tenant_id, version) values ($1, $2, $3)
     on conflict (provider_subscription_id) do update set version = excluded.version
     where s.version < excluded.version and s.tenant_id = excluded.tenant_id`,
    [providerSubscriptionId, tenantId, aggregateVersion],
  );
  return rowCount === 1;
}
