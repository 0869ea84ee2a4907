/** The connection was closed, because the process is ending. */
export class NatsClosed extends Error {
  override readonly name = 'NatsClosed';
  readonly code = 'nats.closed';

  constructor(readonly connection: string) {
    super(`The NATS connection of ${connection} is closed.`);
  }
}

/** A message without an attribute that every message of ours carries. Repeating it cannot help. */
export class EnvelopeBroken extends Error {
  override readonly name = 'EnvelopeBroken';
  readonly code = 'envelope.broken';

  constructor(
    readonly subject: string,
    readonly attribute: string,
  ) {
    super(`A message of ${subject} has no ${attribute}; it was not published by a relay.`);
  }
}

/** There is no connection to NATS now; it is being made. */
export class NatsAway extends Error {
  override readonly name = 'NatsAway';
  readonly code = 'nats.away';

  constructor(readonly service: string) {
    super(`${service} has no connection to NATS at the moment; it goes on by itself when there is one.`);
  }
}
