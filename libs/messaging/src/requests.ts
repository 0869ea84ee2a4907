import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AskClass, type AskContract, contractOf, decode } from '@isthmus/contracts';
import {
  type NatsConnection as Core,
  type Msg,
  headers as newHeaders,
  RequestError,
  type Subscription,
  TimeoutError,
} from '@nats-io/nats-core';
import { Injectable, Logger } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { codeOf, messageOf } from './failure.ts';
import { MessagingOptions } from './messaging-options.ts';
import { NatsAway, NatsConnection } from './nats/nats-connection.ts';
import { activeTraceparent, attributes, inSpanOf } from './telemetry.ts';

/** What Nest's own NATS client sends and expects, so that either side may be plain Nest. */
export interface AskRequest {
  pattern: string;
  data: unknown;
  id: string;
}

export interface AskReply {
  id: string;
  isDisposed: true;
  response?: unknown;
  err?: { code: string; message: string; nextStep?: string };
}

/** When nobody waits any more, in milliseconds since 1970. */
export const deadlineHeader = 'isthmus-deadline';
export const correlationHeader = 'isthmus-correlation-id';

/** Half of what a NATS server takes by default: beyond it, page. */
export const largestBytes = 512 * 1024;

/** What an answering method learns beside the question. */
export interface AskContext {
  /** Nobody waits for the answer after this. */
  deadline: Date;
  correlationId?: string;
}

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

export interface AskOptions {
  /** How long the answer is worth anything. Default 5 s. */
  deadlineMs?: number;
  /** Whether to wait until then for a service that is not there, because it may be restarting. Default yes. */
  waitForService?: boolean;
  correlationId?: string;
}

/** Asks other services. */
@Injectable()
export class Asker {
  constructor(private readonly nats: NatsConnection) {}

  /**
   * @throws AskRefused with the other service's own code, AskUnanswered when no answer came in time, AskTooLarge, and
   *   ContractViolated when the answer is not what the contract says
   */
  async ask<Q extends object, A extends object>(
    contract: AskClass<Q, A>,
    question: Q,
    options: AskOptions = {},
  ): Promise<A> {
    const { subject } = contractOf(contract);
    const facts = {
      [attributes.system]: 'nats',
      [attributes.operation]: 'request',
      [attributes.destination]: subject,
    };
    const reply = await inSpanOf(activeTraceparent(), `ask ${subject}`, SpanKind.CLIENT, facts, () =>
      this.#request(subject, question, options),
    );
    const { err, response } = reply.json<AskReply>();
    if (err)
      throw new AskRefused(
        subject,
        String(err.code ?? 'ask.failed'),
        String(err.message ?? 'No reason was given.'),
        err.nextStep === undefined ? undefined : String(err.nextStep),
      );
    return decode(contract.answer, response);
  }

  async #request(
    subject: string,
    data: object,
    { deadlineMs = 5_000, waitForService = true, correlationId }: AskOptions,
  ): Promise<Msg> {
    const deadline = Date.now() + deadlineMs;
    const request: AskRequest = { pattern: subject, data, id: randomUUID() };
    const payload = Buffer.from(JSON.stringify(request));
    if (payload.length > largestBytes) throw new AskTooLarge(subject, payload.length, largestBytes);
    const headers = newHeaders();
    headers.set(deadlineHeader, String(deadline));
    const traceparent = activeTraceparent();
    if (traceparent) headers.set('traceparent', traceparent);
    if (correlationId) headers.set(correlationHeader, correlationId);
    const core = await this.#connection(subject, deadlineMs);
    for (;;) {
      const timeout = deadline - Date.now();
      if (timeout <= 0) throw new AskUnanswered(subject, 'ask.no-responders');
      try {
        return await core.request(subject, payload, { headers, timeout });
      } catch (error) {
        if (error instanceof TimeoutError)
          throw new AskUnanswered(subject, 'ask.timed-out', { cause: error });
        if (!(error instanceof RequestError && error.isNoResponders())) {
          throw new AskUnanswered(subject, 'ask.disconnected', { cause: error });
        }
        if (!waitForService) throw new AskUnanswered(subject, 'ask.no-responders', { cause: error });
        // The other service may just be restarting, and certainly has not seen the question.
        await sleep(Math.min(100, timeout));
      }
    }
  }

  async #connection(subject: string, deadlineMs: number): Promise<Core> {
    try {
      return await this.nats.ready(AbortSignal.timeout(deadlineMs));
    } catch (error) {
      throw new AskUnanswered(subject, 'ask.disconnected', { cause: error });
    }
  }
}

/** `connector.unknown`, and not `ECONNREFUSED` or `23505`. */
const ourCode = /^[a-z][a-z-]*\.[a-z.-]+$/;

type Answer = (question: object, context: never) => Promise<unknown>;

/** Answers the questions this service has `@Answers` methods for; its processes share them out. */
@Injectable()
export class AskServer {
  readonly #logger = new Logger('AskServer');
  readonly #subscriptions: Subscription[] = [];
  readonly #inHand = new Set<Promise<void>>();
  #closed = false;

  constructor(
    private readonly nats: NatsConnection,
    private readonly options: MessagingOptions,
  ) {}

  /** Begins as soon as NATS is there; the subscription then outlives every reconnection. */
  answer(contract: AskContract, answer: Answer): void {
    const subscribe = async () => {
      const core = await this.nats.ready();
      if (this.#closed) return;
      const callback = (error: Error | null, request: Msg) => {
        if (error) return this.#logger.warn(`${contract.subject} is not subscribed: ${error}`);
        const done = this.#respond(contract, answer, request).finally(() => this.#inHand.delete(done));
        this.#inHand.add(done);
      };
      this.#subscriptions.push(core.subscribe(contract.subject, { queue: this.options.service, callback }));
    };
    // Rejects only when the process ends before NATS was there.
    subscribe().catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    // Drained, so that what has arrived is answered.
    await Promise.all(this.#subscriptions.map((subscription) => subscription.drain().catch(() => undefined)));
    await Promise.all(this.#inHand);
  }

  async #respond(contract: AskContract, answer: Answer, message: Msg): Promise<void> {
    const deadline = Number(message.headers?.get(deadlineHeader) || Number.MAX_SAFE_INTEGER);
    // Nobody waits any more: work done now would only slow those who do.
    if (Date.now() > deadline) return;
    const context: AskContext = {
      deadline: new Date(Math.min(deadline, 8.64e15)),
      correlationId: message.headers?.get(correlationHeader) || undefined,
    };
    let id = '';
    try {
      const request = message.json<AskRequest>();
      id = request.id;
      const facts = {
        [attributes.system]: 'nats',
        [attributes.destination]: contract.subject,
        [attributes.operation]: 'process',
      };
      const response = await inSpanOf(
        message.headers?.get('traceparent'),
        `answer ${contract.subject}`,
        SpanKind.SERVER,
        facts,
        () => answer(decode(contract.type, request.data), context as never),
      );
      const payload = Buffer.from(JSON.stringify({ id, isDisposed: true, response } satisfies AskReply));
      if (payload.length > largestBytes)
        throw new AskTooLarge(contract.subject, payload.length, largestBytes);
      message.respond(payload);
    } catch (error) {
      message.respond(
        JSON.stringify({ id, isDisposed: true, err: this.#problem(contract, error) } satisfies AskReply),
      );
    }
  }

  /** An error of ours crosses with its code and words; any other may hold what is nobody's business. */
  #problem(contract: AskContract, error: unknown): NonNullable<AskReply['err']> {
    const code = codeOf(error) ?? '';
    if (ourCode.test(code)) return { code, message: messageOf(error), ...nextStepOf(error) };
    this.#logger.error(error);
    return {
      code: 'ask.failed',
      message: `${this.options.service} could not answer ${contract.subject}; its log says why.`,
    };
  }
}

function nextStepOf(error: unknown): { nextStep?: string } {
  const { nextStep } = error as { nextStep?: unknown };
  return typeof nextStep === 'string' ? { nextStep } : {};
}

/**
 * Bounds how often the requests of one tenant may make this process ask another service for something it does not know:
 * whoever tries ids at random must not keep its owner busy. Up to `burst` at once, then `perSecond`.
 */
export class AskLimit {
  readonly #left = new Map<string, { asks: number; at: number }>();

  constructor(
    private readonly burst = 20,
    private readonly perSecond = 2,
    /** Tenants remembered; those forgotten begin anew. */
    private readonly mostTenants = 1_000,
  ) {}

  /** Takes one ask of the tenant's; false when there is none left just now. */
  take(tenantId: string, now = Date.now()): boolean {
    const { asks, at } = this.#left.get(tenantId) ?? { asks: this.burst, at: now };
    const left = Math.min(this.burst, asks + ((now - at) / 1_000) * this.perSecond);
    // Last in the map is last used, so that the first one may be forgotten.
    this.#left.delete(tenantId);
    const oldest = this.#left.size >= this.mostTenants ? this.#left.keys().next().value : undefined;
    if (oldest !== undefined) this.#left.delete(oldest);
    this.#left.set(tenantId, { asks: left >= 1 ? left - 1 : left, at: now });
    return left >= 1;
  }
}

/** What an answer needs beside its items: its envelope and a cursor. */
const room = 8 * 1024;

/** As many of the items, from the first on, as one answer can carry; at least one, so that paging always gets on. */
export function fittingPage<T>(items: readonly T[], bytes = largestBytes - room): T[] {
  let left = bytes;
  const end = items.findIndex((item, index) => {
    left -= Buffer.byteLength(JSON.stringify(item)) + 1;
    return left < 0 && index > 0;
  });
  return end < 0 ? [...items] : items.slice(0, end);
}
