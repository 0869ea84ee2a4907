import { Injectable, Logger } from '@nestjs/common';
import { decode, type AskContract } from '@isthmus/contracts';
import type { Msg, Subscription } from '@nats-io/nats-core';
import { SpanKind } from '@opentelemetry/api';
import { codeOf, messageOf } from '../consume/code-of.ts';
import { MessagingOptions } from '../messaging-options.ts';
import { NatsConnection } from '../nats/nats-connection.ts';
import { attributes } from '../telemetry/names.ts';
import { inSpanOf } from '../telemetry/spans.ts';
import { AskTooLarge } from './ask.errors.ts';
import type { AskContext } from './ask-context.ts';
import { correlationHeader, deadlineHeader, largestBytes, type AskReply, type AskRequest } from './wire.ts';

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
