import { ReadProviderAccount } from '@isthmus/contracts';
import { AskLimit, isUnreachable, type Asker } from '@isthmus/messaging';

const limit = new AskLimit();
const deadlineMs = 1_000;

/**
 * A provider account that is not known here, as account-sync has it: one that was just listed can be ordered for although
 * its event is still under way. Undefined when account-sync has none that is there, cannot be reached, or was asked too
 * often for this tenant.
 */
export async function accountAtOwner(
  asker: Asker,
  tenantId: string,
  providerAccountId: string,
): Promise<{ connectorId: string; cmpAccountId: string; removed: false } | undefined> {
  if (!limit.take(tenantId)) return undefined;
  try {
    const question = { tenantId, providerAccountId };
    const { account } = await asker.ask(ReadProviderAccount, question, { deadlineMs });
    if (!account || account.goneAt !== undefined) return undefined;
    return { connectorId: account.connectorId, cmpAccountId: account.cmpAccountId, removed: false };
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    throw error;
  }
}
