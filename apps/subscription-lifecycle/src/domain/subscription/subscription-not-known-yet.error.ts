/** The end of a subscription overtook its beginning. Thrown so that it is delivered again, after that. */
export class SubscriptionNotKnownYet extends Error {
  override readonly name = 'SubscriptionNotKnownYet';
  readonly code = 'subscription.not-known-yet';
  readonly nextStep = 'Wait: it is delivered again by itself; unpark it once the subscription is known.';

  constructor(readonly providerSubscriptionId: string) {
    super(`Subscription ${providerSubscriptionId} has ended, but nothing was heard yet of its beginning.`);
  }
}
