import { NatsAway } from '../nats/nats.errors.ts';

/** The other service answered that it cannot: `code` is its own error's code. */
export class AskRefused extends Error {
  override readonly name = 'AskRefused';

  constructor(
    readonly subject: string,
    /** The answering service's error code, such as `connector.unknown`. */
    readonly code: string,
    message: string,
    /** What to do about it, where the answering service says so. */
    readonly nextStep?: string,
  ) {
    super(message);
  }
}

/** No answer in time, or nobody there to answer. Whether the other side did anything is not known. */
export class AskUnanswered extends Error {
  override readonly name = 'AskUnanswered';

  constructor(
    readonly subject: string,
    readonly code: 'ask.timed-out' | 'ask.no-responders' | 'ask.disconnected',
    options?: ErrorOptions,
  ) {
    super(
      `${subject} was not answered (${code}); ask again later, and check that the service runs.`,
      options,
    );
  }
}

/** A question or an answer that does not fit: page it instead. */
export class AskTooLarge extends Error {
  override readonly name = 'AskTooLarge';
  readonly code = 'ask.too-large';

  constructor(
    readonly subject: string,
    readonly bytes: number,
    readonly limit: number,
  ) {
    super(`${subject}: ${bytes} bytes are more than the ${limit} allowed; ask for smaller pages.`);
  }
}

/** Whether a service could not be reached at all: it may be later, and nothing is wrong with what was asked. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof AskUnanswered || error instanceof NatsAway;
