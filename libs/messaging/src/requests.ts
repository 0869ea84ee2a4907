import { randomUUID } from 'node:crypto';
import { type RequestClass, type RequestContract, contractOf, decode } from '@isthmus/contracts';
import { DomainError } from '@isthmus/domain';
import {
  type NatsConnection as Core,
  type Msg,
  headers as newHeaders,
  RequestError,
  type Subscription,
  TimeoutError,
} from '@nats-io/transport-node';
import { Injectable, Logger } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { codeOf, messageOf } from './failure.ts';
import { MessagingOptions } from './messaging-options.ts';
import {
  NatsConnection,
  NatsPermissionDenied,
  NatsUnavailable,
  permissionDenied,
} from './nats/nats-connection.ts';
import { inboxPrefix } from './nats/permissions.ts';
import { retry } from './retry-loop.ts';
import { activeCorrelationId, activeTraceparent, attributes, withSpan } from './telemetry.ts';

export interface RequestOptions {
  /** Timeout for the response. Default 5 s. */
  deadlineMs?: number;
  /** Whether to wait that long for a service that is not running, because it may be restarting. Default yes. */
  waitForService?: boolean;
  /** Default: that of the request in progress, if there is one. */
  correlationId?: string;
}

/** Sends requests to other services. */
@Injectable()
export class RequestClient {
  constructor(
    private readonly nats: NatsConnection,
    private readonly options: MessagingOptions,
  ) {}

  /**
   * @throws RequestRefused with the other service's own code, NoResponse if no response arrived in time, NatsPermissionDenied if
   * this service may not send the request, MessageTooLarge, and ContractViolated if the response violates the contract
   */
  async request<Q extends object, A extends object>(
    contract: RequestClass<Q, A>,
    request: Q,
    options: RequestOptions = {},
  ): Promise<A> {
    const { subject } = contractOf(contract) as RequestContract;
    const method = methodOf(subject);
    const reply = await withSpan(activeTraceparent(), method, SpanKind.CLIENT, spanAttributes(method), () =>
      this.#request(subject, request, options),
    );
    const { err, response } = reply.json<ReplyMessage>();
    if (err)
      throw new RequestRefused(
        subject,
        String(err.code ?? 'request.failed'),
        String(err.message ?? 'No reason was given.'),
        err.nextStep === undefined ? undefined : String(err.nextStep),
      );
    return decode(contract.response, response);
  }

  async #request(
    subject: string,
    data: object,
    { deadlineMs = 5_000, waitForService = true, correlationId = activeCorrelationId() }: RequestOptions,
  ): Promise<Msg> {
    const deadline = Date.now() + deadlineMs;
    const request: RequestMessage = { pattern: subject, data, id: randomUUID() };
    const payload = Buffer.from(JSON.stringify(request));
    if (payload.length > maxBytes) throw new MessageTooLarge(subject, payload.length, maxBytes);
    const headers = newHeaders();
    headers.set(deadlineHeader, String(deadline));
    const traceparent = activeTraceparent();
    if (traceparent) headers.set('traceparent', traceparent);
    if (correlationId) headers.set(correlationHeader, correlationId);
    const core = await this.#connection(subject, deadlineMs);
    const attempt = async () => {
      const timeout = deadline - Date.now();
      if (timeout <= 0) throw new NoResponse(subject, 'request.no-responders');
      return core.request(subject, payload, { headers, timeout });
    };
    // Only without responders: the other service may be restarting, and has certainly not received the request.
    const delayMs = (error: unknown) =>
      waitForService && hasNoResponders(error)
        ? Math.max(0, Math.min(100, deadline - Date.now()))
        : undefined;
    try {
      return await retry(attempt, { delayMs });
    } catch (error) {
      if (error instanceof NoResponse) throw error;
      const denied = permissionDenied(this.options.service, error);
      if (denied) throw denied;
      if (hasNoResponders(error)) throw new NoResponse(subject, 'request.no-responders', { cause: error });
      const code = error instanceof TimeoutError ? 'request.timeout' : 'request.disconnected';
      throw new NoResponse(subject, code, { cause: error });
    }
  }

  async #connection(subject: string, deadlineMs: number): Promise<Core> {
    try {
      return await this.nats.ready(AbortSignal.timeout(deadlineMs));
    } catch (error) {
      throw new NoResponse(subject, 'request.disconnected', { cause: error });
    }
  }
}

/** `connector-config/open-connector`, as OpenTelemetry writes the name of a remote procedure. */
const methodOf = (subject: string): string => subject.replace(/^rpc\./, '').replace('.', '/');

const spanAttributes = (method: string) => ({
  [attributes.rpcSystem]: 'nats',
  [attributes.rpcMethod]: method,
});

const hasNoResponders = (error: unknown): boolean => error instanceof RequestError && error.isNoResponders();

/** Passed to a responder in addition to the request. */
export interface RequestContext {
  /** The caller waits no longer than this. */
  deadline: Date;
  correlationId?: string;
}

/** `connector.unknown`, and not `ECONNREFUSED` or `23505`. */
const domainErrorCode = /^[a-z][a-z-]*\.[a-z.-]+$/;

type Responder = (request: object, context: never) => Promise<unknown>;

/** Responds to the requests this service has `@RespondTo` methods for, shared among its processes. */
@Injectable()
export class RequestServer {
  readonly #logger = new Logger('RequestServer');
  readonly #subscriptions: Subscription[] = [];
  readonly #inProgress = new Set<Promise<void>>();
  #closed = false;

  constructor(
    private readonly nats: NatsConnection,
    private readonly options: MessagingOptions,
  ) {}

  /** Begins as soon as NATS is reachable; the subscription then survives reconnections. */
  respondTo(contract: RequestContract, responder: Responder): void {
    const subscribe = async () => {
      const core = await this.nats.ready();
      if (this.#closed) return;
      const callback = (error: Error | null, request: Msg) => {
        if (error) return this.#logger.warn(`${contract.subject} is not subscribed: ${error}`);
        const done = this.#respond(contract, responder, request).finally(() => this.#inProgress.delete(done));
        this.#inProgress.add(done);
      };
      this.#subscriptions.push(core.subscribe(contract.subject, { queue: this.options.service, callback }));
    };
    // Rejects only when the process ends before NATS was reachable.
    subscribe().catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    // Drained, so that requests that have arrived get their response.
    await Promise.all(this.#subscriptions.map((subscription) => subscription.drain().catch(() => undefined)));
    await Promise.all(this.#inProgress);
  }

  async #respond(contract: RequestContract, responder: Responder, message: Msg): Promise<void> {
    const deadline = Number(message.headers?.get(deadlineHeader) || Number.MAX_SAFE_INTEGER);
    // The caller's deadline has passed: work done now would only delay callers that are still waiting.
    if (Date.now() > deadline) return;
    // A caller that may send requests waits for the response. Messages pushed by a consumer come from NATS itself, which is not
    // restricted by permissions, and always have a different reply subject.
    if (!message.reply?.startsWith(inboxPrefix(''))) return;
    const context: RequestContext = {
      deadline: new Date(Math.min(deadline, 8.64e15)),
      correlationId: message.headers?.get(correlationHeader) || undefined,
    };
    let id = '';
    try {
      const request = message.json<RequestMessage>();
      id = request.id;
      const method = methodOf(contract.subject);
      const response = await withSpan(
        message.headers?.get('traceparent'),
        method,
        SpanKind.SERVER,
        spanAttributes(method),
        () => this.#run(responder, decode(contract.type, request.data), context),
      );
      const payload = Buffer.from(JSON.stringify({ id, isDisposed: true, response } satisfies ReplyMessage));
      if (payload.length > maxBytes) throw new MessageTooLarge(contract.subject, payload.length, maxBytes);
      message.respond(payload);
    } catch (error) {
      message.respond(
        JSON.stringify({
          id,
          isDisposed: true,
          err: this.#toWireError(contract, error),
        } satisfies ReplyMessage),
      );
    }
  }

  /** Runs within the tenant of the request; the few requests that determine a tenant have none. */
  #run(responder: Responder, request: object, context: RequestContext): Promise<unknown> {
    const { tenantId } = request as { tenantId?: unknown };
    const respond = () => responder(request, context as never);
    return typeof tenantId === 'string' ? this.options.tenants.within(tenantId, respond) : respond();
  }

  /** A domain error goes to the caller with its code and message; any other may contain what the caller must not see. */
  #toWireError(contract: RequestContract, error: unknown): NonNullable<ReplyMessage['err']> {
    const code = codeOf(error) ?? '';
    if (domainErrorCode.test(code)) return { code, message: messageOf(error), ...nextStepIn(error) };
    this.#logger.error(error);
    return {
      code: 'request.failed',
      message: `${this.options.service} failed to respond to ${contract.subject}; see its log.`,
    };
  }
}

function nextStepIn(error: unknown): { nextStep?: string } {
  const { nextStep } = error as { nextStep?: unknown };
  return typeof nextStep === 'string' ? { nextStep } : {};
}

/** Space for the rest of a response: its envelope and a cursor. */
const room = 8 * 1024;

/** Returns as many of the items, from the first on, as fit into one response; at least one, so that paging always advances. */
export function fitToMessage<T>(items: readonly T[], bytes = maxBytes - room): T[] {
  let left = bytes;
  const end = items.findIndex((item, index) => {
    left -= Buffer.byteLength(JSON.stringify(item)) + 1;
    return left < 0 && index > 0;
  });
  return end < 0 ? [...items] : items.slice(0, end);
}

/**
 * Limits how often one tenant may make this process look up unknown ids at another service: a caller that tries random ids must
 * not overload their owner. Up to `burst` in one go, then `perSecond`.
 */
export class RequestLimit {
  readonly #left = new Map<string, { requests: number; at: number }>();

  constructor(
    private readonly burst = 20,
    private readonly perSecond = 2,
    /** Tenants remembered; one that was forgotten starts with a full burst. */
    private readonly maxTenants = 1_000,
  ) {}

  /** Takes one request off the tenant's allowance; false when none is left at the moment. */
  take(tenantId: string, now = Date.now()): boolean {
    const { requests, at } = this.#left.get(tenantId) ?? { requests: this.burst, at: now };
    const left = Math.min(this.burst, requests + ((now - at) / 1_000) * this.perSecond);
    // Last in the map is last used, so that the first one may be forgotten.
    this.#left.delete(tenantId);
    const oldest = this.#left.size >= this.maxTenants ? this.#left.keys().next().value : undefined;
    if (oldest !== undefined) this.#left.delete(oldest);
    this.#left.set(tenantId, { requests: left >= 1 ? left - 1 : left, at: now });
    return left >= 1;
  }
}

/** The other service responded with an error: `code` is that error's code. */
export class RequestRefused extends DomainError {
  constructor(
    readonly subject: string,
    /** The other service's error code, such as `connector.unknown`. */
    code: string,
    message: string,
    /** The next step, if the other service provides one. */
    nextStep?: string,
  ) {
    super(message, { code, nextStep, title: 'Request rejected' });
  }
}

/** No response in time, or no service to respond. Whether the other side did anything is not known. */
export class NoResponse extends DomainError {
  constructor(
    readonly subject: string,
    code: 'request.timeout' | 'request.no-responders' | 'request.disconnected',
    options?: ErrorOptions,
  ) {
    super(`No response to ${subject} (${code}); retry later, and check that the service is running.`, {
      ...options,
      code,
      title: 'No response',
    });
  }
}

/** A request or response that is too large for one message: page it instead. */
export class MessageTooLarge extends Error {
  override readonly name = 'MessageTooLarge';
  readonly code = 'request.too-large';

  constructor(
    readonly subject: string,
    readonly bytes: number,
    readonly limit: number,
  ) {
    super(`${subject}: ${bytes} bytes exceed the limit of ${limit}; request smaller pages.`);
  }
}

/** Whether a service could not be reached at all: the request is valid and may succeed later. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof NoResponse || error instanceof NatsUnavailable || error instanceof NatsPermissionDenied;

/** The wire format of Nest's own NATS transport, so that either side may be plain Nest. */
export interface RequestMessage {
  pattern: string;
  data: unknown;
  id: string;
}

export interface ReplyMessage {
  id: string;
  isDisposed: true;
  response?: unknown;
  err?: { code: string; message: string; nextStep?: string };
}

/** Time at which the caller stops waiting, in milliseconds since 1970. */
export const deadlineHeader = 'isthmus-deadline';
export const correlationHeader = 'isthmus-correlation-id';

/** Half of what a NATS server accepts by default: what is larger has to be paged. */
export const maxBytes = 512 * 1024;
