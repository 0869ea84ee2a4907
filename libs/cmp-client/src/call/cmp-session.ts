import { type Clock, systemClock } from '@isthmus/domain';
import { trace } from '@opentelemetry/api';
import { Agent, type Dispatcher } from 'undici';
import { type CmpAssumptions, defaultAssumptions } from '../assumptions.ts';
import type { Lane } from '../budget/ledger.ts';
import type { CallBudget } from '../budget/call-budget.ts';
import { type CmpError, CmpRejected, CmpThrottled, CmpUnavailable, isCmpError } from '../errors.ts';
import { CmpToken, maxRenewals, mentionsToken, SessionLosses } from './cmp-token.ts';
import {
  type CmpCall,
  type CmpConnection,
  type CmpRequest,
  exchange,
  megabyte,
  queryString,
} from './exchange.ts';
import { type CmpResponse, interpretResponse } from './interpret-response.ts';
import { keptFields } from './kept-fields.ts';
import { Secrets } from './secrets.ts';

export interface CmpSessionOptions {
  /** Must not follow redirects. If absent, our own plain pool is used. */
  dispatcher?: Dispatcher;
  budget: CallBudget;
  assumptions?: Partial<CmpAssumptions>;
  clock?: Clock;
  random?: () => number;
  /** Called for every HTTP exchange; must not throw. */
  onCall?: (call: CmpCall) => void;
}

/** One connection to CMP: its token, its call budget, and the way a request is sent, interpreted and, where allowed, repeated. */
export class CmpSession {
  readonly assumptions: CmpAssumptions;
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  readonly secrets: Secrets;
  readonly budget: CallBudget;
  /** The API is spoken to over plain HTTP: a simulator on a local machine. */
  readonly isPlain: boolean;
  private readonly baseUrl: string;
  private readonly random: () => number;
  private readonly onCall: (call: CmpCall) => void;
  private readonly token: CmpToken;
  private readonly losses = new SessionLosses();
  readonly #connection: CmpConnection;

  constructor(connection: CmpConnection, options: CmpSessionOptions) {
    this.#connection = connection;
    const { apiUrl, username, password, subscriptionKey } = connection;
    this.assumptions = { ...defaultAssumptions, ...options.assumptions };
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.budget = options.budget;
    this.dispatcher = options.dispatcher ?? new Agent({ connections: this.assumptions.maxConcurrentCalls });
    this.onCall = options.onCall ?? (() => undefined);
    this.baseUrl = apiUrl.trim().replace(/\/+$/, '');
    this.isPlain = this.baseUrl.startsWith('http:');
    this.secrets = new Secrets(password, subscriptionKey, basic(username, password));
    this.token = new CmpToken((signal) => this.requestToken(signal), this.assumptions, this.clock);
  }

  /** Has a token, or fails as fetching one fails. */
  async signIn(signal?: AbortSignal): Promise<void> {
    await this.token.get(signal);
  }

  async send(request: CmpRequest, lane: Lane): Promise<CmpResponse> {
    let refused: string | undefined;
    for (let attempt = 1, renewals = 0; ; attempt++) {
      const token = await this.token.get(request.signal);
      try {
        const response = await this.attempt(request, lane, attempt, `Bearer ${token}`);
        this.losses.succeeded(request.operation);
        return response;
      } catch (error) {
        if (this.losses.isSessionLoss(error, request.operation, token)) {
          this.token.refuse(token);
          // The call was rejected before anything was done, so even a write may be sent again.
          if (!request.renewed) throw sessionLost(error);
          // The renewal did not help, or CMP has issued the same rejected token again.
          if (renewals >= maxRenewals || token === refused)
            throw this.losses.hasSucceeded && mentionsToken(error) ? sessionLost(error) : error;
          refused = token;
          renewals++;
        } else if (!worthRetrying(error, request, attempt)) {
          throw error;
        } else if (error instanceof CmpUnavailable) {
          await this.clock.sleep(backoffMs(attempt, this.random()), request.signal);
        }
      }
    }
  }

  /** One exchange within the budget. */
  private async attempt(
    request: CmpRequest,
    lane: Lane,
    attempt: number,
    authorization: string,
  ): Promise<CmpResponse> {
    const { operation, method, path, signal } = request;
    const requestedAt = this.clock.now();
    await this.budget.acquire(lane, { signal, operation });
    const sentAt = this.clock.now();
    const call: CmpCall = {
      connectorId: this.#connection.connectorId,
      operation,
      method,
      path,
      lane,
      attempt,
      waitedMs: sentAt - requestedAt,
      tookMs: 0,
      result: 'ok',
    };
    try {
      const response = await exchange(this.toExchange(request, authorization), this.dispatcher, this.clock);
      call.httpStatus = response.status;
      call.size = response.text.length;
      const { assumptions, secrets } = this;
      const interpreted = interpretResponse(request, response, {
        assumptions,
        secrets,
        now: this.clock.now(),
      });
      call.correlationId = interpreted.correlationId;
      call.kept = keptFields(operation, interpreted.body);
      return interpreted;
    } catch (error) {
      if (isCmpError(error)) this.recordFailure(error, call);
      else call.result = 'aborted';
      await this.applyThrottle(error, sentAt);
      throw error;
    } finally {
      call.tookMs = this.clock.now() - sentAt;
      this.onCall(call);
    }
  }

  private toExchange({ path, query, body, ...request }: CmpRequest, authorization: string) {
    const headers: Record<string, string> = {
      authorization,
      'x-subscription-key': this.#connection.subscriptionKey,
      accept: 'application/json',
    };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const url = this.baseUrl + path + queryString(query);
    const { maxResponseMegabytes, maxRecordMegabytes } = this.assumptions;
    const isList = /\.(page|list)$/.test(request.operation);
    const maxBytes = (isList ? maxResponseMegabytes : maxRecordMegabytes) * megabyte;
    return {
      ...request,
      maxBytes,
      url,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    };
  }

  /** A wait that CMP requests applies to every process with this key. */
  private async applyThrottle(error: unknown, sentAt: number): Promise<void> {
    const quota = error instanceof CmpRejected && error.category === 'quota';
    if (!quota && !(error instanceof CmpThrottled && error.httpStatus !== undefined)) return;
    await this.budget.throttled(error.retryAfterMs ?? 0, sentAt);
  }

  private recordFailure(error: CmpError, call: CmpCall): void {
    call.result = error.code;
    call.correlationId = error.correlationId;
    trace.getActiveSpan()?.addEvent('cmp.failure', {
      'cmp.operation': error.operation,
      'cmp.result': error.code,
      'cmp.outcome': error.outcome,
      ...(error.httpStatus && { 'http.response.status_code': error.httpStatus }),
      ...(error.correlationId && { 'cmp.correlation_id': error.correlationId }),
    });
  }

  /** A new token, even if there is one. Everyone waits for it, including orders, so it uses their lane. */
  async requestToken(signal: AbortSignal): Promise<CmpResponse> {
    const { username, password, marketplace } = this.#connection;
    const request: CmpRequest = {
      operation: 'token',
      method: 'POST',
      path: '/token',
      body: { marketplace },
      timeoutMs: this.assumptions.tokenTimeoutSeconds * 1000,
      signal,
      harmless: true,
      retried: true,
      renewed: false,
    };
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await this.attempt(request, 'order', attempt, `Basic ${basic(username, password)}`);
        const { token } = (response.body ?? {}) as { token?: unknown };
        if (typeof token === 'string') this.secrets.learn(token);
        return response;
      } catch (error) {
        if (!worthRetrying(error, request, attempt)) throw error;
        if (error instanceof CmpUnavailable)
          await this.clock.sleep(backoffMs(attempt, this.random()), signal);
      }
    }
  }
}

const basic = (username: string, password: string): string =>
  Buffer.from(`${username}:${password}`).toString('base64');

/**
 * CMP rejected the call because of its session, so it did not happen and may be sent again: immediately by its caller, or later.
 */
const sessionLost = (cause: CmpRejected): CmpUnavailable =>
  new CmpUnavailable('session-lost', { ...failureDetails(cause), outcome: 'refused' }, { cause });

const failureDetails = ({ operation, httpStatus, cmpMessage, correlationId }: CmpRejected) => ({
  operation,
  httpStatus,
  cmpMessage,
  correlationId,
});

const maxAttempts = 4;
const transientStatuses = new Set<number | undefined>([undefined, 408, 502, 503, 504]);

/** Only what changes nothing at CMP is ever sent again, and only after failures that tend to pass. */
function worthRetrying(error: unknown, { retried, operation }: CmpRequest, attempt: number): boolean {
  if (!retried || attempt >= maxAttempts) return false;
  // The budget delays the next attempt until the wait is over; a rejection by the budget itself is final.
  if (error instanceof CmpThrottled) return error.httpStatus !== undefined;
  if (!(error instanceof CmpUnavailable)) return false;
  // Everyone waits for the token: after a whole minute without a response, all of them fail.
  if (operation === 'token' && error.reason === 'timeout') return false;
  return (
    error.reason !== 'budget-store' &&
    !permanentFaults.has(error.reason) &&
    transientStatuses.has(error.httpStatus)
  );
}

/** Faults of address or certificate do not pass within seconds. */
const permanentFaults = new Set(['dns', 'tls', 'blocked-address']);

/** Half a second, doubled each time, with half of it random, so that processes do not retry simultaneously. */
const backoffMs = (attempt: number, random: number): number => 500 * 2 ** (attempt - 1) * (0.5 + random / 2);
