import type { EntityManager } from '@mikro-orm/postgresql';
import type { Message } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { isNewsOf } from './news-of-subscription.ts';

/** A subscription that is over uses nothing; its part number stays known, with one user less. */
export async function forgetUses(
  em: EntityManager,
  providerSubscriptionId: string,
  message: Message,
): Promise<void> {
  const client = clientOf(em);
  if (!(await isNewsOf(client, providerSubscriptionId, message))) return;
  await client.query('delete from subscription_uses where provider_subscription_id = $1 and tenant_id = $2', [
    providerSubscriptionId,
    message.tenantId,
  ]);
}
