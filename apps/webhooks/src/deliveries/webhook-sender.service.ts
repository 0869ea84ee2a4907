import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import { attributes, counter, outboundDispatcher, outboundRules } from '@isthmus/service-kit';
import { Injectable } from '@nestjs/common';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { type Dispatcher, request } from 'undici';
import { WebhooksEnv } from '../config.ts';
import {
  type Attempt,
  type AttemptResult,
  type DueDelivery,
  describeFailure,
  evaluateAttempt,
  SendAborted,
  type AttemptOutcome,
  type Target,
} from './attempt.ts';
import { shownUrl } from '../endpoints/endpoint-settings.ts';
import { cloudEventText, requestHeaders, signature } from './webhook-message.ts';

const tracer = trace.getTracer('isthmus');
const attempted = counter('isthmus.webhook.deliveries');

/** Signs deliveries and sends them, each in the trace of its event. */
@Injectable()
export class WebhookSender {
  readonly #dispatcher: Dispatcher;
  readonly #schedule: readonly number[];

  constructor(private readonly env: WebhooksEnv) {
    this.#schedule = env.retrySchedule;
    this.#dispatcher = outboundDispatcher(outboundRules(env));
  }

  /**
   * Sends a delivery once.
   * @param schedule pause before each attempt, in milliseconds
   * @throws SendAborted when `stop` was aborted meanwhile
   */
  async send(
    { url, secrets }: Pick<Target, 'url' | 'secrets'>,
    delivery: Pick<DueDelivery, 'id' | 'round' | 'tries' | 'event'>,
    stop: AbortSignal,
    schedule = this.#schedule,
  ): Promise<AttemptOutcome> {
    const { event } = delivery;
    const timeoutMs = this.env.WEBHOOK_TIMEOUT_MS;
    const at = new Date();
    const body = cloudEventText(event);
    const logged = requestHeaders(event.id, at);
    const headers = { ...logged, 'webhook-signature': signature(secrets, event.id, at, body) };
    const parent = propagation.extract(ROOT_CONTEXT, { traceparent: event.traceparent ?? '' });
    const span = tracer.startSpan(
      `deliver ${event.type}`,
      {
        kind: SpanKind.PRODUCER,
        attributes: {
          'messaging.message.id': event.id,
          [attributes.tenantId]: event.tenantId,
          [attributes.correlationId]: event.correlationId,
        },
      },
      parent,
    );
    try {
      // The kit puts the traceparent of the active span on every request of undici.
      const result = await context.with(trace.setSpan(parent, span), () =>
        postWebhook(this.#dispatcher, { url, headers, body, timeoutMs }, stop),
      );
      const decision = evaluateAttempt(result, delivery.tries, schedule, new Date());
      if (decision.outcome !== 'delivered')
        span.setStatus({ code: SpanStatusCode.ERROR, message: describeFailure(result) });
      attempted.add(1, { outcome: decision.outcome });
      const attempt: Attempt = {
        ...result,
        // An endpoint that echoes its request reveals data that we do not store: the address and the signature.
        responseHead: result.responseHead && without(result.responseHead, secretsOf(url, headers)),
        at,
        url: shownUrl(url),
        requestHeaders: logged,
      };
      return { delivery, attempt, decision };
    } finally {
      span.end();
    }
  }

  /** Aborts what is still in progress. */
  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }
}

/** The parts of a request that must not appear in its log. */
const secretsOf = (url: string, headers: Record<string, string>): string[] => {
  const { search, searchParams } = new URL(url);
  const signatures = (headers['webhook-signature'] ?? '').split(' ');
  return [search.slice(1), ...searchParams.values(), ...signatures].filter(({ length }) => length > 3);
};

const without = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text);

interface WebhookPost {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Timeout from the first byte we send to the last byte we read of the response. */
  timeoutMs: number;
}

interface PostResult extends AttemptResult {
  durationMs: number;
  responseHead?: string;
}

/**
 * Sends once. Any behaviour of the receiver is a result, not an error. Redirects are not followed: their target was not checked,
 * and it is not the one the endpoint's owner specified.
 * @throws SendAborted if `stop` was aborted meanwhile
 */
export async function postWebhook(
  dispatcher: Dispatcher,
  { url, headers, body, timeoutMs }: WebhookPost,
  stop: AbortSignal,
): Promise<PostResult> {
  const begun = performance.now();
  const took = (): number => Math.round(performance.now() - begun);
  const abort = new AbortController();
  const onStop = (): void => abort.abort(new SendAborted('Delivering stops.'));
  const timer = setTimeout(() => abort.abort(new DOMException('Too slow.', 'TimeoutError')), timeoutMs);
  stop.addEventListener('abort', onStop, { once: true });
  try {
    if (stop.aborted) onStop();
    const response = await request(url, { method: 'POST', headers, body, dispatcher, signal: abort.signal });
    const retryAfter = response.headers['retry-after'];
    const responseHead = await readHead(response.body);
    return {
      status: response.statusCode,
      ...(typeof retryAfter === 'string' && { retryAfter }),
      responseHead,
      durationMs: took(),
    };
  } catch (error) {
    if (stop.aborted) throw new SendAborted('Delivering stops.');
    return { error: failureCode(error), durationMs: took() };
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
  }
}

/** The problem according to the codes of Node, undici and the kit's outbound check. */
const failureCodes: Record<string, string> = {
  ERR_BLOCKED_ADDRESS: 'blocked-address',
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
  UND_ERR_SOCKET: 'connection-lost',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ENOTFOUND: 'name-not-found',
  EAI_AGAIN: 'name-not-found',
};

/** The reason why there was no response, as one word for the delivery log. */
function failureCode(error: unknown): string {
  for (let at = error; typeof at === 'object' && at !== null; at = (at as { cause?: unknown }).cause) {
    const { code, name } = at as { code?: unknown; name?: unknown };
    if (name === 'TimeoutError') return 'timeout';
    if (name === 'HTTPParserError') return 'not-http';
    if (typeof code !== 'string') continue;
    if (failureCodes[code]) return failureCodes[code];
    if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_/.test(code)) return 'tls';
  }
  return 'failed';
}

const headBytes = 1024;

/** The human-readable beginning of a response; the rest is not read. An incomplete character at the end is dropped. */
async function readHead(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if ((size += chunk.length) >= headBytes) break;
    }
  } catch {
    // The status counts, and it is known.
  } finally {
    body.destroy();
  }
  const text = Buffer.concat(chunks).subarray(0, headBytes).toString('utf8');
  // PostgreSQL cannot store NUL, and a binary body is of no use.
  return text.replace(/[\u0000-\u0008\u000b-\u001f]/g, '\uFFFD');
}

/** W3C Trace Context of the current operation, if it is traced. */
export function activeTraceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}
