import { DomainError } from '@isthmus/domain';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CmpClient, type CmpCustomer, type CustomerQuery, isCmpError } from '@isthmus/cmp-client';
import type { CreateProviderAccount } from '@isthmus/contracts';
import type { AccountCreations } from './account-creations.store.ts';

/** A customer that has not appeared after this time will not appear: twice what CMP's slowest orders took. */
const appearsWithinMs = 30 * 60_000;

interface Ports {
  cmp: Pick<CmpClient, 'customers'>;
  creations: Pick<AccountCreations, 'markSending' | 'markNotSent'>;
  /** The request is given up after this. */
  deadline: Date;
}

/**
 * Creates the customer, or finds the one that was created before. CMP has no idempotency keys, so the customer is searched
 * for by our key before anything is sent and after every unclear response, and nothing is sent again while an earlier POST
 * may still take effect.
 * @param sentAt when a POST may have been sent before
 * @throws AccountNameTaken, AccountRefused, CreationUnclear, CmpUnreachable
 */
export async function createAtCmp(
  wanted: CreateProviderAccount,
  sentAt: Date | null,
  { cmp, creations, deadline }: Ports,
): Promise<CmpCustomer> {
  const found = await findCustomer(wanted, cmp).catch(toUnreachable);
  if (found) return found;
  if (sentAt && Date.now() - sentAt.getTime() < appearsWithinMs) throw new CreationUnclear(wanted.name);
  await creations.markSending(wanted);
  try {
    return await cmp.customers.create(newCustomer(wanted));
  } catch (error) {
    const outcome = isCmpError(error) ? error.outcome : 'unknown';
    if (outcome === 'unknown') return await findUntil(deadline, wanted, cmp, error);
    await creations.markNotSent(wanted);
    if (outcome === 'not-sent') return toUnreachable(error);
    const reason = isCmpError(error) ? (error.cmpMessage ?? error.message) : String(error);
    throw new AccountRefused(wanted.name, reason, { cause: error });
  }
}

/** The customer of our key. @throws AccountNameTaken when another has its name and e-mail address */
async function findCustomer(
  { key, name, contact }: CreateProviderAccount,
  cmp: Ports['cmp'],
): Promise<CmpCustomer | undefined> {
  const find = async (query: CustomerQuery): Promise<CmpCustomer[]> =>
    (await cmp.customers.page(query)).records.flatMap((record) => (record.ok ? record.value : []));
  const ours = (await find({ externalId: key })).find(({ externalId }) => externalId === key);
  if (ours) return ours;
  const alike = await find({ name, email: contact.email });
  const taken = alike.find((one) => one.name.trim().toLowerCase() === name.trim().toLowerCase());
  if (taken) throw new AccountNameTaken(name, taken.id);
  return undefined;
}

/** The response may be lost although the customer was created, immediately or a little later. */
async function findUntil(
  deadline: Date,
  wanted: CreateProviderAccount,
  cmp: Ports['cmp'],
  cause: unknown,
): Promise<CmpCustomer> {
  for (let waitMs = 500; Date.now() + waitMs + 1_000 < deadline.getTime(); waitMs *= 2) {
    await sleep(waitMs);
    const found = await findCustomer(wanted, cmp).catch(() => undefined);
    if (found) return found;
  }
  throw new CreationUnclear(wanted.name, { cause });
}

function toUnreachable(error: unknown): never {
  throw isCmpError(error) ? new CmpUnreachable(error.message, { cause: error }) : error;
}

const newCustomer = ({ key, name, address, contact, language, taxRegId }: CreateProviderAccount) => ({
  name,
  externalId: key,
  address: { ...address },
  contactPersons: [{ type: 'admin', ...contact }],
  language,
  ...(taxRegId ? { taxRegId } : {}),
});

/** CMP has a customer of this name and e-mail address already, which was not created by this request. */
class AccountNameTaken extends DomainError {
  static override readonly code = 'provider-account.name-taken';

  constructor(name: string, cmpAccountId: string) {
    super(`CMP already has a customer ${name} with this e-mail address: ${cmpAccountId}.`, {
      nextStep: 'Sync the provider accounts and use that customer, or choose another name for the new one.',
    });
  }
}

/** CMP rejects the customer; none was created. */
class AccountRefused extends DomainError {
  static override readonly code = 'provider-account.refused-by-cmp';

  constructor(name: string, reason: string, options?: ErrorOptions) {
    super(`CMP does not accept the customer ${name}: ${reason}`, {
      nextStep: 'Fix the problem that CMP reports and create the customer again.',
      ...options,
    });
  }
}

/** It is not known whether CMP created the customer; every repetition of the request searches for it. */
export class CreationUnclear extends DomainError {
  static override readonly code = 'provider-account.creation-unclear';

  constructor(name: string, options?: ErrorOptions) {
    super(`It is unclear whether CMP created the customer ${name}.`, {
      nextStep:
        'Repeat the request in a few minutes; if it is still unclear after an hour, search for the customer in CMP’s control panel.',
      ...options,
    });
  }
}

/** CMP cannot be reached now; nothing was sent. */
export class CmpUnreachable extends DomainError {
  static override readonly code = 'provider-account.cmp-away';

  constructor(why: string, options?: ErrorOptions) {
    super(`CMP cannot be reached: ${why}`, { nextStep: 'Repeat the request in a minute.', ...options });
  }
}
