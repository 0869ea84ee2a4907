import { type NatsConnection as Core, RequestError } from '@nats-io/transport-node';
import { Injectable, Logger } from '@nestjs/common';
import { MessagingOptions } from '../messaging-options.ts';
import { NatsConnection, permissionDenied } from './nats-connection.ts';

const timeoutMs = 1_000;
/** Probes of several readers within this time are one question to the server. */
const validMs = 3_000;

/**
 * Whether JetStream, which stores the events, works on the server: a server without it accepts connections and requests. Nothing is
 * lost meanwhile, because events wait in the outbox, but none arrives either.
 */
@Injectable()
export class JetStreamHealth {
  readonly #logger = new Logger('JetStream');
  #asked?: { at: number; problem: Promise<string | undefined> };
  #known: string | undefined;

  constructor(
    private readonly nats: NatsConnection,
    private readonly options: MessagingOptions,
  ) {
    this.nats.onDisconnect(() => (this.#asked = undefined));
  }

  /** What is wrong with JetStream and what to do; undefined if it works, or if there is no connection to ask through. */
  async problem(): Promise<string | undefined> {
    const core = this.nats.connected;
    if (!core) return undefined;
    const now = Date.now();
    if (!this.#asked || now - this.#asked.at >= validMs) this.#asked = { at: now, problem: this.#ask(core) };
    return await this.#asked.problem;
  }

  async #ask(core: Core): Promise<string | undefined> {
    let problem: string | undefined;
    try {
      const response = await core.request('$JS.API.INFO', undefined, { timeout: timeoutMs });
      const { error } = response.json<{ error?: { description?: string } }>();
      if (error) problem = `NATS reports: ${error.description ?? 'no reason'}. ${correctConfiguration}`;
    } catch (error) {
      if (!this.nats.connected) return undefined;
      problem = this.#explain(error);
    }
    if (problem !== this.#known) {
      this.#known = problem;
      if (problem) this.#logger.error(problem);
      else this.#logger.log('JetStream works again.');
    }
    return problem;
  }

  #explain(error: unknown): string {
    const denied = permissionDenied(this.options.service, error);
    if (denied) return denied.message;
    if (error instanceof RequestError && error.isNoResponders())
      return `JetStream is off on the NATS server. ${correctConfiguration}`;
    // A server that has switched JetStream off while it runs does not say so.
    return (
      `JetStream did not respond within ${timeoutMs} ms: it was switched off at a reload, or the server is overloaded. Check the ` +
      `server's log and disk. ${correctConfiguration}`
    );
  }
}

const correctConfiguration =
  'Start the server with the nats.conf that `npm run nats -- config` writes, which switches JetStream on. Until then no events are ' +
  'delivered; they wait in the outboxes.';
