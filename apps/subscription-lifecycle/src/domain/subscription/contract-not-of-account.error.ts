/** A subscription can only be billed under a contract of the account that it belongs to. */
export class ContractNotOfAccount extends Error {
  override readonly name = 'ContractNotOfAccount';
  readonly code = 'subscription.contract-not-of-account';
  readonly nextStep =
    'Take a billing contract of the tenant account that the provider account is linked to; a new one is known here within seconds.';

  constructor(
    readonly subscriptionId: string,
    readonly billingContractId: string,
  ) {
    super(
      `Billing contract ${billingContractId} is not one of the account of subscription ${subscriptionId}.`,
    );
  }
}
