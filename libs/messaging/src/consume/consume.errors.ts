/** Two methods of one service hear one event. A mistake in the code, found at boot. */
export class HandlerDeclaredTwice extends Error {
  override readonly name = 'HandlerDeclaredTwice';
  readonly code = 'messaging.handler-declared-twice';

  constructor(
    readonly subject: string,
    readonly service: string,
  ) {
    super(
      `Two handlers of ${service} hear ${subject}; put both effects into one handler, and so into one transaction.`,
    );
  }
}

/** A message for which this process has no handler. */
export class NothingHearsIt extends Error {
  override readonly name = 'NothingHearsIt';
  readonly code = 'messaging.nothing-hears-it';

  constructor(
    readonly subject: string,
    readonly service: string,
  ) {
    super(
      `This process of ${service} has no handler for ${subject}; unpark the message in the process that has.`,
    );
  }
}

/** No parked message has this id (any more). */
export class ParkedMessageUnknown extends Error {
  override readonly name = 'ParkedMessageUnknown';
  readonly code = 'messaging.parked-message-unknown';

  constructor(readonly id: string) {
    super(`No message is parked under ${id}; it may have been unparked already.`);
  }
}

/** A service without a database has an `@On` method. A mistake in the code, found at boot. */
export class HearingNeedsDatabase extends Error {
  override readonly name = 'HearingNeedsDatabase';
  readonly code = 'messaging.hearing-needs-database';

  constructor(readonly service: string) {
    super(`${service} hears events but has no database for its inbox and its parked messages; give it one.`);
  }
}
