/** JetStream will not take this message, however often it is sent. */
export class PublishRefused extends Error {
  override readonly name = 'PublishRefused';
  readonly code = 'publish.refused';

  constructor(
    readonly subject: string,
    readonly reason: string,
  ) {
    super(`JetStream refused a message of ${subject}: ${reason}`);
  }
}

/** JetStream did not confirm the message; it may or may not have it. To be sent again. */
export class PublishUnconfirmed extends Error {
  override readonly name = 'PublishUnconfirmed';
  readonly code = 'publish.unconfirmed';

  constructor(
    readonly subject: string,
    readonly reason: string,
  ) {
    super(`JetStream did not confirm a message of ${subject}: ${reason}`);
  }
}
