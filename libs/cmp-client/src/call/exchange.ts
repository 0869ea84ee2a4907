import type { Readable } from 'node:stream';
import type { Clock } from '@isthmus/domain';
import { type Dispatcher, request as send } from 'undici';
import type { Lane } from '../budget/ledger.ts';
import {
  CmpContractViolated,
  type CmpOutcome,
  CmpUnavailable,
  type CmpUnavailableReason,
  isCmpError,
} from '../errors.ts';

/** How to reach one CMP tenant. Contains secrets: never log it, never put it into an error. */
export interface CmpConnection {
  connectorId: string;
  /** Such as `https://api.cloud.im/marketplace/na`, with or without a trailing slash. */
  apiUrl: string;
  username: string;
  password: string;
  /** The gateway key (`X-Subscription-Key`). The call budget belongs to it. */
  subscriptionKey: string;
  /** The commercial marketplace, mostly a country: `us`, `uk`, `au`. Not the region in the URL. */
  marketplace: string;
  /** The reseller's own account number in CMP. Used only to verify that the credentials belong to it. */
  accountId?: string;
  /** ISO 4217; what the reseller is billed in. Used only to verify that CMP shows prices in it. */
  currency?: string;
}

/** One operation of the CMP API, ready to be sent as often as it may be. */
export interface CmpRequest {
  /** Such as `subscriptions.page`. */
  operation: string;
  method: 'GET' | 'POST' | 'PATCH';
  /** Relative to the API's base, with a leading slash. */
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  timeoutMs: number;
  signal?: AbortSignal;
  /** It changes nothing at CMP, so a failure leaves nothing to search for. */
  harmless: boolean;
  /** Sent again after a passing failure. */
  retried: boolean;
  /** Sent again with a new token when CMP has ended the session. */
  renewed: boolean;
  /** The records of a list are not parsed, if they can be told apart. */
  split?: boolean;
}

/** A token is fetched only for another call; whatever happens to the token request, that call was not sent. */
export const outcomeFor = (operation: string, outcome: CmpOutcome): CmpOutcome =>
  operation === 'token' ? 'not-sent' : outcome;

export function queryString(query: CmpRequest['query']): string {
  const set = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== '');
  return set.length === 0
    ? ''
    : `?${new URLSearchParams(set.map(([name, value]): [string, string] => [name, String(value)]))}`;
}

/** One HTTP exchange with CMP, for metrics and for the record: no body, no secret, no personal data. */
export interface CmpCall {
  connectorId: string;
  /** Such as `subscriptions.page`. */
  operation: string;
  method: CmpRequest['method'];
  /** Without its query. */
  path: string;
  lane: Lane;
  /** 1 for the first try. */
  attempt: number;
  /** Spent waiting for the call budget. */
  waitedMs: number;
  /** Spent at CMP. */
  tookMs: number;
  httpStatus?: number;
  /** Characters of the response. */
  size?: number;
  correlationId?: string;
  /** The result: `ok`, or the code of the error. */
  result: string;
  /** The fields of a successful response that may be kept, see `keptFields`. */
  kept?: object;
}

interface HttpRequest {
  operation: string;
  url: string;
  method: 'GET' | 'POST' | 'PATCH';
  headers: Record<string, string>;
  body?: string;
  /** Timeout of the whole exchange, to the last byte of the response. */
  timeoutMs: number;
  /** The largest response. */
  maxBytes: number;
  signal?: AbortSignal;
}

/** The response, whatever its status. */
export interface HttpResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

class RequestTimedOut extends Error {
  override readonly name = 'RequestTimedOut';
  readonly code = 'cmp.time-is-up';
}

/**
 * One HTTP exchange, without redirects and without retries. Throws {@link CmpUnavailable} if there is no response,
 * {@link CmpContractViolated} if it is larger than allowed, and the signal's reason if the caller gives up on a read.
 */
export async function exchange(
  { operation, url, method, headers, body, timeoutMs, maxBytes, signal }: HttpRequest,
  dispatcher: Dispatcher,
  clock: Clock,
): Promise<HttpResponse> {
  const late = new AbortController();
  const over = new AbortController();
  clock.sleep(timeoutMs, over.signal).then(
    () => late.abort(new RequestTimedOut(`No response within ${timeoutMs} ms.`)),
    () => undefined,
  );
  try {
    const response = await send(url, {
      method,
      headers,
      body,
      dispatcher,
      signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const { statusCode: status, headers: received } = response;
    const text = await textWithin(response.body, maxBytes);
    if (text === undefined) {
      const outcome = outcomeFor(operation, 'unknown');
      const id = received['x-correlation-id'];
      const failure = {
        operation,
        outcome,
        httpStatus: status,
        correlationId: String(id ?? '') || undefined,
      };
      throw new CmpContractViolated(`more than ${megabytes(maxBytes)} MB`, '', failure);
    }
    return { status, headers: received, text };
  } catch (cause) {
    if (isCmpError(cause)) throw cause;
    if (signal?.aborted && (method === 'GET' || operation === 'token')) throw signal.reason;
    const fault = late.signal.aborted ? timedOut : transportFault(cause);
    throw new CmpUnavailable(
      fault.reason,
      { operation, outcome: outcomeFor(operation, fault.outcome) },
      { cause },
    );
  } finally {
    over.abort();
  }
}

export const megabyte = 1_000_000;
const megabytes = (bytes: number): string => String(bytes / megabyte);

/** The body as a string, without a byte order mark; undefined as soon as it is longer than allowed. */
async function textWithin(body: Readable, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop destroys the body and closes its connection.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

const timedOut = { reason: 'timeout', outcome: 'unknown' } as const;

type Fault = { reason: CmpUnavailableReason; outcome: CmpOutcome };

const faults: { reason: CmpUnavailableReason; outcome: CmpOutcome; codes: RegExp }[] = [
  { reason: 'blocked-address', outcome: 'not-sent', codes: /^ERR_BLOCKED_ADDRESS$/ },
  { reason: 'dns', outcome: 'not-sent', codes: /^(ENOTFOUND|EAI_\w+|ENODATA)$/ },
  { reason: 'tls', outcome: 'not-sent', codes: /CERT|TLS|SSL|SIGNATURE|^EPROTO$/ },
  {
    reason: 'connect',
    outcome: 'not-sent',
    codes: /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/,
  },
  { reason: 'timeout', outcome: 'not-sent', codes: /^UND_ERR_CONNECT_TIMEOUT$/ },
  {
    reason: 'timeout',
    outcome: 'unknown',
    codes: /^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|ETIMEDOUT)$/,
  },
];

/** The reason why an exchange failed, and whether CMP may have received the request. In doubt it may have. */
export function transportFault(error: unknown): Fault {
  for (const code of codesOf(error)) {
    const fault = faults.find(({ codes }) => codes.test(code));
    if (fault) return { reason: fault.reason, outcome: fault.outcome };
  }
  return { reason: 'connection-lost', outcome: 'unknown' };
}

/** Codes of the error, of its causes and of the attempts that an AggregateError gathers. */
function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 5) return [];
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  const own = typeof code === 'string' ? [code] : [];
  const gathered = Array.isArray(errors) ? errors.flatMap((one) => codesOf(one, depth + 1)) : [];
  return [...own, ...gathered, ...codesOf(cause, depth + 1)];
}
