import { Injectable } from '@nestjs/common';
import { contractOf, decode, type AskClass } from '@isthmus/contracts';
import {
  headers as newHeaders,
  RequestError,
  TimeoutError,
  type Msg,
  type NatsConnection as Core,
} from '@nats-io/nats-core';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpanKind } from '@opentelemetry/api';
import { NatsConnection } from '../nats/nats-connection.ts';
import { attributes } from '../telemetry/names.ts';
import { inSpanOf } from '../telemetry/spans.ts';
import { activeTraceparent } from '../telemetry/traceparent.ts';
import { AskRefused, AskTooLarge, AskUnanswered } from './ask.errors.ts';
import { correlationHeader, deadlineHeader, largestBytes, type AskReply, type AskRequest } from './wire.ts';

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
