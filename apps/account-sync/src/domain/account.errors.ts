export class ProviderAccountNotFound extends Error {
  override readonly name = 'ProviderAccountNotFound';
  readonly code = 'provider-account.not-found';
  readonly nextStep = 'List the provider accounts and take an id from there.';
  constructor(readonly providerAccountId: string) {
    super(`There is no provider account ${providerAccountId}.`);
  }
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

export class ProviderSubscriptionNotFound extends Error {
  override readonly name = 'ProviderSubscriptionNotFound';
  readonly code = 'provider-subscription.not-found';
  readonly nextStep = 'List the provider subscriptions and take an id from there.';
  constructor(readonly providerSubscriptionId: string) {
    super(`There is no provider subscription ${providerSubscriptionId}.`);
  }
}

export class TenantAccountNotFound extends Error {
  override readonly name = 'TenantAccountNotFound';
  readonly code = 'tenant-account.not-found';
  readonly nextStep = 'List the tenant accounts, or PUT this one first.';
  constructor(readonly tenantAccountId: string) {
    super(`There is no tenant account ${tenantAccountId}.`);
  }
}

/** Taking the link away would leave contracts that nothing can be billed under. */
export class ContractsWouldBeOrphaned extends Error {
  override readonly name = 'ContractsWouldBeOrphaned';
  readonly code = 'provider-account.contracts-depend-on-link';
  readonly nextStep =
    'Link another provider account of the same currency first, or give the contracts an endDate in the past.';
  constructor(
    readonly providerAccountId: string,
    readonly contracts: readonly { id: string; name: string }[],
  ) {
    const names = contracts.map(({ name }) => `"${name}"`).join(', ');
    super(`Without its link to ${providerAccountId} nothing is left to bill under ${names}.`);
  }
}
