import type { NatsConnection as Core, Msg, MsgHdrs } from '@nats-io/transport-node';
import { Injectable } from '@nestjs/common';
import { NatsConnection } from '../nats/nats-connection.ts';

export interface Outgoing {
  subject: string;
  headers: MsgHdrs;
  payload: Uint8Array | string;
}

export type PublishFailure = PublishRefused | PublishUnconfirmed;

/** The position of a message in JetStream. */
interface Stored {
  stream: string;
  seq: number;
}

interface Batch {
  messages: readonly Outgoing[];
  results: (PublishFailure | undefined)[];
  open: number;
  timer: NodeJS.Timeout;
  done: () => void;
}

const ackTimeoutMs = 5_000;

/**
 * Publishes many messages concurrently and collects the acknowledgements under one subscription. The client's own publish creates
 * a promise, a timer and an inbox entry per message, which halves the rate of a backlog (docs/benchmarks.md).
 */
@Injectable()
export class Publisher {
  readonly #waiting = new Map<number, { batch: Batch; index: number }>();
  readonly #lastStored = new Map<string, number>();
  #replies?: { core: Core; prefix: string };
  #next = 0;

  constructor(private readonly nats: NatsConnection) {
    nats.onDisconnect(() => this.#failAll('the connection was lost'));
  }

  /** The last sequence acknowledged per stream, since this process began. */
  get lastStored(): ReadonlyMap<string, number> {
    return this.#lastStored;
  }

  /** Sends in the order given. The result has, at each message's place, why it failed, or nothing. */
  async publishAll(messages: readonly Outgoing[]): Promise<(PublishFailure | undefined)[]> {
    if (messages.length === 0) return [];
    const core = this.nats.connected ?? (await this.nats.ready());
    const { prefix } = this.#subscribe(core);
    return await new Promise((resolve) => {
      const results = new Array<PublishFailure | undefined>(messages.length).fill(undefined);
      const timer = setTimeout(() => this.#failBatch(batch, 'no acknowledgement in time'), ackTimeoutMs);
      const batch: Batch = { messages, results, open: messages.length, timer, done: () => resolve(results) };
      messages.forEach((message, index) => this.#send(core, prefix, batch, index, message));
    });
  }

  #send(core: Core, prefix: string, batch: Batch, index: number, message: Outgoing): void {
    const id = this.#next++;
    this.#waiting.set(id, { batch, index });
    try {
      core.publish(message.subject, message.payload, { headers: message.headers, reply: prefix + id });
    } catch (error) {
      // The client itself rejects messages larger than the server's maximum, and all messages once it is closed.
      const reason = String(error);
      this.#settle(
        id,
        core.isClosed()
          ? new PublishUnconfirmed(message.subject, reason)
          : new PublishRefused(message.subject, reason),
      );
    }
  }

  #subscribe(core: Core): { prefix: string } {
    if (this.#replies?.core === core) return this.#replies;
    const inbox = this.nats.newInbox();
    core.subscribe(`${inbox}.*`, {
      callback: (error, reply) => {
        if (!error) this.#acknowledged(Number(reply.subject.slice(inbox.length + 1)), reply);
      },
    });
    this.#replies = { core, prefix: `${inbox}.` };
    return this.#replies;
  }

  #acknowledged(id: number, reply: Msg): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    const { subject } = waiting.batch.messages[waiting.index]!;
    if (reply.headers?.code === 503)
      return this.#settle(id, new PublishUnconfirmed(subject, 'no stream accepts it'));
    const ack = reply.json<Partial<Stored> & { error?: { code: number; description: string } }>();
    if (ack.error) {
      const Failure = ack.error.code === 503 ? PublishUnconfirmed : PublishRefused;
      return this.#settle(id, new Failure(subject, ack.error.description));
    }
    if (ack.stream && ack.seq) this.#lastStored.set(ack.stream, ack.seq);
    this.#settle(id, undefined);
  }

  #settle(id: number, failure: PublishFailure | undefined): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    const { batch, index } = waiting;
    batch.results[index] = failure;
    batch.open -= 1;
    if (batch.open > 0) return;
    clearTimeout(batch.timer);
    batch.done();
  }

  #failAll(reason: string): void {
    for (const { batch } of [...this.#waiting.values()]) this.#failBatch(batch, reason);
  }

  #failBatch(failing: Batch, reason: string): void {
    for (const [id, { batch, index }] of [...this.#waiting]) {
      if (batch === failing) this.#settle(id, new PublishUnconfirmed(batch.messages[index]!.subject, reason));
    }
  }
}

/** JetStream will not accept this message, however often it is sent. */
export class PublishRefused extends Error {
  override readonly name = 'PublishRefused';
  readonly code = 'publish.refused';

  constructor(
    readonly subject: string,
    readonly reason: string,
  ) {
    super(`JetStream rejected a message of ${subject}: ${reason}`);
  }
}

/** JetStream did not confirm the message, and may or may not have it. It has to be sent again. */
class PublishUnconfirmed extends Error {
  override readonly name = 'PublishUnconfirmed';
  readonly code = 'publish.unconfirmed';

  constructor(
    readonly subject: string,
    readonly reason: string,
  ) {
    super(`JetStream did not confirm a message of ${subject}: ${reason}`);
  }
}
