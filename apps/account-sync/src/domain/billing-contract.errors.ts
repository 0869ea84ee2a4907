export class BillingContractNotFound extends Error {
  override readonly name = 'BillingContractNotFound';
  readonly code = 'billing-contract.not-found';
  readonly nextStep = 'List the billing contracts and take an id from there.';
  constructor(readonly billingContractId: string) {
    super(`There is no billing contract ${billingContractId}.`);
  }
}

/** A contract bills what provider accounts hold, so there must be one. */
export class NoLinkedProviderAccount extends Error {
  override readonly name = 'NoLinkedProviderAccount';
  readonly code = 'billing-contract.no-linked-account';
  readonly nextStep = 'Link a provider account to the tenant account first.';
  constructor(readonly tenantAccountId: string) {
    super(`Tenant account ${tenantAccountId} has no linked provider account.`);
  }
}
