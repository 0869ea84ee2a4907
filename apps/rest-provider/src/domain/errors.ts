/** The connector has no customer of this id. */
export class CustomerNotFound extends Error {
  override readonly name = 'CustomerNotFound';
  readonly code = 'customer.not-found';
  readonly nextStep = 'List the customers and take an id from there.';

  constructor(readonly customerId: string) {
    super(`Customer Id ${customerId} not found`);
  }
}

/** The connector has no subscription of this id. The contract wants 404 of a read or PATCH, and 400 where a state is changed. */
export class SubscriptionNotFound extends Error {
  override readonly name = 'SubscriptionNotFound';
  readonly nextStep = "List the customer's subscriptions and take an id from there.";

  constructor(
    readonly subscriptionId: string,
    readonly code: 'subscription.not-found' | 'subscription.unknown-id' = 'subscription.not-found',
  ) {
    super(`Subscription Id ${subscriptionId} not found`);
  }
}

/** A purchase was refused at CMP after it had been answered as ordered. */
export class PurchaseRefused extends Error {
  override readonly name = 'PurchaseRefused';
  readonly code = 'subscription.purchase-refused';

  constructor(
    readonly subscriptionId: string,
    why: string,
    readonly nextStep: string,
  ) {
    super(`Subscription Id ${subscriptionId} does not exist: its order was refused. ${why}`);
  }
}

/** The subscription is being bought, or CMP was not read since it was: it cannot be changed yet. */
export class NotThereYet extends Error {
  override readonly name = 'NotThereYet';
  readonly code = 'subscription.not-there-yet';
  readonly nextStep = 'Send the same request again in a minute or two.';

  constructor(readonly subscriptionId: string) {
    super(`Subscription Id ${subscriptionId} is ordered, and CMP does not show it yet.`);
  }
}

/** The subscription has other live product lines, which the change would end or change as well. */
export class OtherLinesAffected extends Error {
  override readonly name = 'OtherLinesAffected';
  readonly code = 'subscription.other-lines-affected';
  readonly nextStep =
    "Change the quantity of single lines, or cancel the whole subscription through Isthmus' own API once nobody needs the others.";

  constructor(subscriptionId: string, what: string, others: readonly { name: string; quantity: number }[]) {
    const lines = others.map(({ name, quantity }) => `${name} (${quantity} seats)`).join(', ');
    super(
      `Subscription Id ${subscriptionId} is one product line of a subscription that also has ${lines}: CMP can ${what} only all of them together.`,
    );
  }
}

/** CMP no longer shows the product line. */
export class LineGone extends Error {
  override readonly name = 'LineGone';
  readonly code = 'subscription.line-gone';
  readonly nextStep = "List the customer's subscriptions; its other product lines have ids of their own.";

  constructor(subscriptionId: string) {
    super(
      `The product line of Subscription Id ${subscriptionId} is no longer part of its subscription at CMP.`,
    );
  }
}

/** Another change of the subscription runs, which this one would cross. */
export class ChangeUnderWay extends Error {
  override readonly name = 'ChangeUnderWay';
  readonly code = 'subscription.change-under-way';
  readonly nextStep = 'Send the same request again when the change has ended.';

  constructor(readonly subscriptionId: string) {
    super(`Another change of Subscription Id ${subscriptionId} is under way at CMP.`);
  }
}

/** The change came about a while ago and was changed again since: it looks like a late try of the first one. */
export class LateRepetition extends Error {
  override readonly name = 'LateRepetition';
  readonly code = 'subscription.late-repetition';
  readonly nextStep: string;

  constructor(subscriptionId: string, at: Date, minutes: number) {
    super(
      `This change of Subscription Id ${subscriptionId} was carried out at ${at.toISOString()}, and another one after it; it looks like a late repetition.`,
    );
    const until = new Date(at.getTime() + minutes * 60_000).toISOString();
    this.nextStep = `If it is meant anew, send it after ${until}, or order it through Isthmus' own API.`;
  }
}

/** What was bought has ended or moved to another customer since: an equal purchase looks like a late try of the first one. */
export class LatePurchase extends Error {
  override readonly name = 'LatePurchase';
  readonly code = 'subscription.late-repetition';
  readonly nextStep: string;

  /** @param ownKey whether the client chose the id of the purchase, which never becomes free */
  constructor(
    subscriptionId: string,
    fate: 'has ended since' | 'belongs to another customer now',
    { at, hours, ownKey }: { at: Date; hours: number; ownKey: boolean },
  ) {
    super(
      `This was bought at ${at.toISOString()} as Subscription Id ${subscriptionId}, which ${fate}; it looks like a late repetition.`,
    );
    const until = new Date(at.getTime() + hours * 3_600_000).toISOString();
    const way = ownKey ? 'send it with another id' : `give it another friendly name, send it after ${until}`;
    this.nextStep = `To buy it anew, ${way}, or order it through Isthmus' own API.`;
  }
}

/** The caller's own id names another purchase already. */
export class OtherPurchase extends Error {
  override readonly name = 'OtherPurchase';
  readonly code = 'subscription.id-names-another';
  readonly nextStep = 'Use another id for another purchase, or none.';

  constructor(id: string) {
    super(`The id ${id} was sent before with another purchase.`);
  }
}

/** The connector is paused; reading goes on from what is known, writing does not. */
export class ConnectorPaused extends Error {
  override readonly name = 'ConnectorPaused';
  readonly code = 'connector.paused';
  readonly nextStep = 'Resume the connector in Isthmus; its page says why it was paused.';

  constructor() {
    super('The connector of this API key is paused: nothing is ordered through it.');
  }
}

/** CMP or subscription-lifecycle will not do it; `code` is theirs. */
export class WriteRefused extends Error {
  override readonly name = 'WriteRefused';

  constructor(
    readonly code: string,
    detail: string,
    readonly nextStep?: string,
  ) {
    super(detail);
  }
}

/** The connector has no invoice of this id. */
export class InvoiceNotFound extends Error {
  override readonly name = 'InvoiceNotFound';
  readonly code = 'invoice.not-found';
  readonly nextStep = 'List the invoices and take an id from there.';

  constructor(readonly invoiceId: string) {
    super(`Invoice Id ${invoiceId} not found`);
  }
}
