/** CMP has a customer of this name and e-mail address already, which nobody asked us to make. */
export class AccountNameTaken extends Error {
  override readonly name = 'AccountNameTaken';
  readonly code = 'provider-account.name-taken';
  readonly nextStep = 'Sync the provider accounts and use that customer, or give the new one another name.';

  constructor(name: string, cmpAccountId: string) {
    super(`CMP has a customer ${name} with this e-mail address already: ${cmpAccountId}.`);
  }
}

/** CMP does not take the customer; none was made. */
export class AccountRefused extends Error {
  override readonly name = 'AccountRefused';
  readonly code = 'provider-account.refused-by-cmp';
  readonly nextStep = 'Mend what CMP names and create the customer again.';

  constructor(name: string, words: string, options?: ErrorOptions) {
    super(`CMP does not take the customer ${name}: ${words}`, options);
  }
}

/** CMP may have made the customer or not; it is looked for whenever the same is asked again. */
export class CreationUnclear extends Error {
  override readonly name = 'CreationUnclear';
  readonly code = 'provider-account.creation-unclear';
  readonly nextStep =
    'Ask the same again in some minutes; when it stays unclear for an hour, look for the customer in CMP’s control panel.';

  constructor(name: string, options?: ErrorOptions) {
    super(`CMP has not answered clearly whether it made the customer ${name}.`, options);
  }
}

/** CMP cannot be asked now; nothing was sent. */
export class CmpAway extends Error {
  override readonly name = 'CmpAway';
  readonly code = 'provider-account.cmp-away';
  readonly nextStep = 'Ask the same again in a minute.';

  constructor(why: string, options?: ErrorOptions) {
    super(`CMP cannot be reached now: ${why}`, options);
  }
}
