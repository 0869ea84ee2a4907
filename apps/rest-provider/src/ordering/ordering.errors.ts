/** The subscription is being bought, or CMP has not been read since: it cannot be changed yet. */
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

/** Another change of the subscription is running and would conflict with this one. */
export class ChangeInProgress extends Error {
  override readonly name = 'ChangeInProgress';
  readonly code = 'subscription.change-under-way';
  readonly nextStep = 'Send the same request again when the change has ended.';

  constructor(readonly subscriptionId: string) {
    super(`Another change of Subscription Id ${subscriptionId} is under way at CMP.`);
  }
}

/** The change was carried out a while ago and changed again since: it looks like a late retry of the first one. */
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

/** What was bought has ended or moved to another customer since: an equal purchase looks like a late retry of the first one. */
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
