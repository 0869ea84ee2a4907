import type { EntityManager } from '@mikro-orm/postgresql';
import { ProviderAccount } from '../domain/provider-account.entity.ts';
import type { SyncTarget } from '../domain/sync-target.ts';
import { UnusableField } from '../domain/unusable-field.error.ts';
import { requireContract } from './billing-contracts.ts';
import { ProviderAccountNotFound } from './queries/provider-accounts.query.ts';

/**
 * Sees to it that a run narrowed to an account or a contract has something to read.
 * @throws ProviderAccountNotFound, BillingContractNotFound, ProviderAccountGone, AccountSyncDisabled, UnusableField
 */
export async function checkTarget(em: EntityManager, connectorId: string, target: SyncTarget): Promise<void> {
  if (target.providerAccountId) await checkAccount(em, connectorId, target.providerAccountId);
  if (target.billingContractId) await checkContract(em, connectorId, target.billingContractId);
}

async function checkAccount(em: EntityManager, connectorId: string, id: string): Promise<void> {
  const account = await em.findOne(ProviderAccount, { id });
  if (!account) throw new ProviderAccountNotFound(id);
  if (account.connectorId !== connectorId) {
    const detail = `Provider account ${id} belongs to connector ${account.connectorId}.`;
    throw new UnusableField(
      'providerAccountId',
      detail,
      'Name that connector as connectorId, or another account.',
    );
  }
  if (account.goneAt) throw new ProviderAccountGone(id);
  if (!account.syncEnabled) throw new AccountSyncDisabled(`provider account ${id}`);
}

async function checkContract(em: EntityManager, connectorId: string, id: string): Promise<void> {
  const { tenantAccountId } = await requireContract(em, id);
  const accounts = await em.find(ProviderAccount, { connectorId, tenantAccountId, goneAt: null });
  if (accounts.length === 0) {
    const detail = `No provider account of connector ${connectorId} is linked to tenant account ${tenantAccountId}.`;
    throw new UnusableField(
      'billingContractId',
      detail,
      'Name the connector of a linked account, or link one.',
    );
  }
  if (accounts.every(({ syncEnabled }) => !syncEnabled))
    throw new AccountSyncDisabled(`every provider account of billing contract ${id}`);
}

/** A person has switched this account's sync off. */
export class AccountSyncDisabled extends Error {
  override readonly name = 'AccountSyncDisabled';
  readonly code = 'provider-account.sync-disabled';
  readonly nextStep = 'Set "syncEnabled" of the account to true, then start the run again.';
  constructor(what: string) {
    super(`The sync of ${what} is switched off.`);
  }
}

/** CMP's last complete listing did not have it any more. */
export class ProviderAccountGone extends Error {
  override readonly name = 'ProviderAccountGone';
  readonly code = 'provider-account.gone';
  readonly nextStep = 'Sync the provider accounts first, in case it is listed again.';
  constructor(readonly providerAccountId: string) {
    super(`CMP no longer lists provider account ${providerAccountId}, so it has nothing to read.`);
  }
}
