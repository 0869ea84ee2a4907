import {
  ListProviderAccounts,
  ListSubscriptions,
  ReadProviderAccount,
  type AgreedSubscriptionV1,
  type ProviderAccountV1,
} from '@isthmus/contracts';
import type { Asker } from '@isthmus/messaging';
import { isUUID } from 'class-validator';
import { CustomerNotFound } from '../domain/errors.ts';
import type { Owner } from '../persistence/intents.ts';

interface Page {
  nextCursor?: string;
}

/** All pages of an answer; most have one. */
export async function allPages<P extends Page, T>(
  ask: (cursor: string | undefined) => Promise<P>,
  itemsOf: (page: P) => readonly T[],
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(cursor);
    items.push(...itemsOf(page));
    cursor = page.nextCursor;
  } while (cursor);
  return items;
}

export const allAccounts = (asker: Asker, { tenantId, connectorId }: Owner): Promise<ProviderAccountV1[]> =>
  allPages(
    (cursor) => asker.ask(ListProviderAccounts, { tenantId, connectorId, cursor }),
    ({ accounts }) => accounts,
  );

export const allSubscriptions = (
  asker: Asker,
  { tenantId, connectorId }: Owner,
  providerAccountId: string,
): Promise<AgreedSubscriptionV1[]> =>
  allPages(
    (cursor) => asker.ask(ListSubscriptions, { tenantId, connectorId, providerAccountId, cursor }),
    ({ subscriptions }) => subscriptions,
  );

/** @throws CustomerNotFound */
export async function readAccount(
  asker: Asker,
  { tenantId, connectorId }: Owner,
  id: string,
): Promise<ProviderAccountV1> {
  if (!isUUID(id)) throw new CustomerNotFound(id);
  const { account } = await asker.ask(ReadProviderAccount, { tenantId, connectorId, providerAccountId: id });
  if (!account) throw new CustomerNotFound(id);
  return account;
}
