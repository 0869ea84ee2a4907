import type { EntityManager } from '@mikro-orm/postgresql';
import { BillingContract } from '../domain/billing-contract.entity.ts';

/**
 * Takes the default from the contract that has it, so that another may have it; the tenant account is locked.
 * It is flushed at once: the unique index allows one default at any moment.
 * @returns the contract that lost it
 */
export async function giveUpDefault(
  em: EntityManager,
  tenantAccountId: string,
): Promise<BillingContract | undefined> {
  const holder = await em.findOne(BillingContract, { tenantAccountId, isDefault: true });
  if (!holder) return undefined;
  holder.isDefault = false;
  await em.flush();
  return holder;
}
