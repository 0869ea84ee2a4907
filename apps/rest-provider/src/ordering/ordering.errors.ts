import { DomainError } from '@isthmus/domain';

/** The subscription is being bought, or CMP has not been read since: it cannot be changed yet. */
export class SubscriptionNotYetAvailable extends DomainError {
  static override readonly code = 'subscription.not-there-yet';

  constructor(subscriptionId: string) {
    super(`Subscription Id ${subscriptionId} has been ordered, but CMP does not show it yet.`, {
      nextStep: 'Send the same request again in a minute or two.',
    });
  }
}

/** The subscription has other live product lines, which the change would also end or change. */
export class OtherLinesAffected extends DomainError {
  static override readonly code = 'subscription.other-lines-affected';

  constructor(subscriptionId: string, what: string, others: readonly { name: string; quantity: number }[]) {
    const lines = others.map(({ name, quantity }) => `${name} (${quantity} seats)`).join(', ');
    super(
      `Subscription Id ${subscriptionId} is one product line of a subscription that also has ${lines}: CMP can ${what} only all of them together.`,
      {
        nextStep:
          "Change the quantity of single lines, or cancel the whole subscription through Isthmus' own API if the others are no longer needed.",
      },
    );
  }
}

/** CMP no longer shows the product line. */
export class LineRemoved extends DomainError {
  static override readonly code = 'subscription.line-gone';

  constructor(subscriptionId: string) {
    super(
      `The product line of Subscription Id ${subscriptionId} is no longer part of its subscription at CMP.`,
      { nextStep: "List the customer's subscriptions; its other product lines have separate ids." },
    );
  }
}

/** Another change of the subscription is running and would conflict with this one. */
export class ChangeInProgress extends DomainError {
  static override readonly code = 'subscription.change-under-way';

  constructor(subscriptionId: string, awaitingApproval: boolean) {
    super(
      awaitingApproval
        ? `Another change of Subscription Id ${subscriptionId} waits for an approval.`
        : `Another change of Subscription Id ${subscriptionId} is in progress at CMP.`,
      {
        nextStep: awaitingApproval
          ? 'Have an operator approve or reject it in Isthmus, then send the same request again.'
          : 'Send the same request again when the change has ended.',
      },
    );
  }
}

/** The change was carried out a while ago and changed again since: it looks like a late retry of the first one. */
export class LateDuplicateChange extends DomainError {
  static override readonly code = 'subscription.late-repetition';

  constructor(subscriptionId: string, at: Date, minutes: number) {
    const until = new Date(at.getTime() + minutes * 60_000).toISOString();
    super(
      `This change of Subscription Id ${subscriptionId} was carried out at ${at.toISOString()} and followed by another one; the request looks like a late duplicate.`,
      {
        nextStep: `If you want this change again, send it after ${until}, or order it through Isthmus' own API.`,
      },
    );
  }
}

/**
 * The purchased subscription has since ended or moved to another customer: an equal purchase looks like a late retry of the
 * first one.
 */
export class LateDuplicatePurchase extends DomainError {
  static override readonly code = 'subscription.late-repetition';

  /** @param ownKey whether the client chose the id of the purchase, which never becomes free */
  constructor(
    subscriptionId: string,
    fate: 'has ended since' | 'now belongs to another customer',
    { at, hours, ownKey }: { at: Date; hours: number; ownKey: boolean },
  ) {
    const until = new Date(at.getTime() + hours * 3_600_000).toISOString();
    const way = ownKey ? 'send it with another id' : `give it another friendly name, send it after ${until}`;
    super(
      `This was bought at ${at.toISOString()} as Subscription Id ${subscriptionId}, which ${fate}; the request looks like a late duplicate.`,
      { nextStep: `To buy it again, ${way}, or order it through Isthmus' own API.` },
    );
  }
}

/** The caller's own id names another purchase already. */
export class PurchaseIdReused extends DomainError {
  static override readonly code = 'subscription.id-names-another';

  constructor(id: string) {
    super(`The id ${id} was already used for another purchase.`, {
      nextStep: 'Use another id for another purchase, or none.',
    });
  }
}
