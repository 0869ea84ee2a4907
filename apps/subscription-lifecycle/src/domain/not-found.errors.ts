/** No order of this tenant has this id. */
export class OrderNotFound extends Error {
  override readonly name = 'OrderNotFound';
  readonly code = 'order.not-found';
  readonly nextStep = 'List the orders and take an id from there.';

  constructor(readonly orderId: string) {
    super(`There is no order ${orderId}.`);
  }
}

/** No subscription of this tenant has this id. */
export class SubscriptionNotFound extends Error {
  override readonly name = 'SubscriptionNotFound';
  readonly code = 'subscription.not-found';
  readonly nextStep =
    'List the subscriptions and take an id from there; a new one appears with the next sync.';

  constructor(readonly subscriptionId: string) {
    super(`There is no subscription ${subscriptionId}.`);
  }
}

/** No provider account of this tenant has this id. */
export class AccountNotFound extends Error {
  override readonly name = 'AccountNotFound';
  readonly code = 'provider-account.not-found';
  readonly nextStep = 'List the provider accounts and take an id from there.';

  constructor(readonly providerAccountId: string) {
    super(`There is no provider account ${providerAccountId}.`);
  }
}
