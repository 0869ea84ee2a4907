import type { CmpAssumptions } from '../assumptions.ts';
import {
  CmpContractViolated,
  type CmpFailure,
  CmpRejected,
  type CmpRejectionCategory,
  CmpThrottled,
  CmpUnavailable,
} from '../errors.ts';
import { storable } from '../records/fields.ts';
import { splitList, type SplitList } from '../records/split-list.ts';
import { type CmpRequest, type HttpResponse, outcomeFor } from './exchange.ts';
import type { Secrets } from './secrets.ts';

/** A body that was understood as JSON. */
export interface CmpResponse {
  body: unknown;
  correlationId?: string;
  /** Set if the records were not parsed: what is missing in the body. */
  list?: UnparsedList;
}

interface UnparsedList extends SplitList {
  /** The body with its records. @throws CmpContractViolated if it is not JSON */
  whole(): unknown;
}

/** The inputs of the interpretation, in addition to the response itself. */
interface ResponseContext {
  assumptions: CmpAssumptions;
  secrets: Secrets;
  now: number;
}

const headLength = 300;

/** Returns the body of a successful response, regardless of its content type, and throws one of the four errors otherwise. */
export function interpretResponse(
  request: CmpRequest,
  { status, headers, text }: HttpResponse,
  context: ResponseContext,
): CmpResponse {
  const { secrets, assumptions } = context;
  const correlationId = shownId(first(headers['x-correlation-id']), secrets);
  const { maxResponseValues: most } = assumptions;
  if (hasMoreValues(text, most)) {
    const outcome = outcomeFor(request.operation, 'unknown');
    const failure = { operation: request.operation, outcome, httpStatus: status, correlationId };
    throw new CmpContractViolated(`more than ${most} values`, '', failure);
  }
  const list = request.split && status === 200 ? splitList(text) : undefined;
  if (list && !errorInside(list.envelope)) {
    const plain = { ...request, split: false };
    const whole = () => interpretResponse(plain, { status, headers, text }, context).body;
    return { body: list.envelope, correlationId, list: { ...list, whole } };
  }
  const json = parse(text);
  if (status >= 200 && status < 300 && json !== undefined && !errorInside(json))
    return { body: json, correlationId };

  const error = json === undefined ? readHtml(text) : readJson(json);
  const failure: CmpFailure = {
    operation: request.operation,
    outcome: outcomeFor(request.operation, 'unknown'),
    httpStatus: status,
    cmpMessage: error.message && shown(error.message, maxMessageLength, secrets),
    correlationId: correlationId ?? shownId(error.correlationId, secrets),
    retryAfterMs: retryAfterMs(headers['retry-after'], error.message, context.now),
  };
  if (status < 300 && json === undefined) {
    const reason =
      error.shape === 'html' ? 'an HTML page instead of JSON' : text === '' ? 'an empty body' : 'not JSON';
    throw new CmpContractViolated(reason, bodyHead(text, secrets), failure);
  }
  throw refusal(request, status < 300 ? (error.status ?? 500) : status, error, failure, context);
}

/** The failure for a status. Only a definite rejection is `refused`; after a 5xx an order may still have been placed. */
function refusal(
  request: CmpRequest,
  status: number,
  error: ErrorBody,
  failure: CmpFailure,
  { assumptions }: ResponseContext,
) {
  const definite = outcomeFor(request.operation, 'refused');
  if (status === 429) {
    const wait = failure.retryAfterMs ?? assumptions.retryAfterFallbackSeconds * 1000;
    return new CmpThrottled({ ...failure, outcome: definite, retryAfterMs: wait });
  }
  if (status >= 500 || status === 408) return serverError(request, status, error, failure, assumptions);
  const category = categoryOf(request, status, error);
  const wait = category === 'quota' ? assumptions.quotaRetryFallbackSeconds * 1000 : undefined;
  return new CmpRejected(category, {
    ...failure,
    outcome: definite,
    retryAfterMs: failure.retryAfterMs ?? wait,
  });
}

function serverError(
  { harmless, method }: CmpRequest,
  status: number,
  { shape, message = '' }: ErrorBody,
  failure: CmpFailure,
  { businessRefusals, clearRefusals }: CmpAssumptions,
) {
  if (status === 500 && shape === 'platform' && method !== 'GET' && !/internal server error/i.test(message)) {
    const definite = harmless || businessRefusals.some((words) => message.includes(words));
    const clear = definite || isClearRefusal(message, clearRefusals);
    return new CmpRejected('business', { ...failure, outcome: definite ? 'refused' : 'unknown', clear });
  }
  return new CmpUnavailable(status === 408 ? 'timeout' : 'server-error', failure);
}

/** Messages of a failing server: whatever else they contain, they are not a rejection. */
const troubleWords =
  /exception|timed? ?out|timeout|deadlock|connection|\bsql|\bnull\b|stack ?trace|gateway|unavailable|socket|temporar|try again|\bretry|https?:\/\/|internal error|unexpected/i;

/** Whether CMP's message is an unambiguous rejection that users would act on. `*` in a phrase matches any string. */
export function isClearRefusal(message: string, phrases: readonly string[]): boolean {
  if (troubleWords.test(message)) return false;
  const words = message.toLowerCase();
  return phrases.some((phrase) => {
    let at = 0;
    return phrase
      .toLowerCase()
      .split('*')
      .every((part) => {
        const found = words.indexOf(part.trim(), at);
        at = found + part.trim().length;
        return found >= 0;
      });
  });
}

function categoryOf(
  { operation }: CmpRequest,
  status: number,
  { shape, message = '' }: ErrorBody,
): CmpRejectionCategory {
  const asksForToken = operation === 'token';
  if (/out of call volume quota/i.test(message)) return 'quota';
  if ((status === 401 || status === 403) && /subscription key/i.test(message)) return 'subscription-key';
  if (asksForToken && status < 404 && /marketplace/i.test(message)) return 'marketplace';
  if (status === 401) return 'credentials';
  if (status === 403) return 'permission';
  if (status === 409) return 'conflict';
  if (status < 400) return 'wrong-url';
  if (status === 404 || status === 405) {
    const noSuchPath = shape === 'html' || shape === 'gateway' || asksForToken || operation.endsWith('.page');
    return noSuchPath ? 'wrong-url' : 'not-found';
  }
  if (/no entity has been found/i.test(message)) return 'not-found';
  return shape === 'html' && status !== 400 ? 'wrong-url' : 'validation';
}

/** Some failures have status 200: an object that contains its own HTTP status. In orders, that field is a string. */
function errorInside(json: unknown): boolean {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false;
  const { status, statusCode, message, error } = json as Record<string, unknown>;
  const code = typeof status === 'number' ? status : typeof statusCode === 'number' ? statusCode : 0;
  return code >= 400 && code < 600 && (typeof message === 'string' || typeof error === 'string');
}

/**
 * The beginning of a string from CMP, without secrets. Four times as much is searched, because a secret is longer than its
 * replacement.
 */
const shown = (text: string, longest: number, secrets: Secrets): string =>
  storable(secrets.redact(text.slice(0, 4 * longest)).slice(0, longest));

export const bodyHead = (text: string, secrets: Secrets): string => shown(text, headLength, secrets);

const maxIdLength = 200;

const shownId = (id: string | undefined, secrets: Secrets): string | undefined =>
  id && shown(id, maxIdLength, secrets);

const comma = 0x2c;
const bracket = 0x5b;
const brace = 0x7b;

/**
 * Whether there may be more values in it than `most`. A value takes much more memory than its text: one of three characters
 * takes 56 bytes. Each but the first follows a comma, or is the first in a list or an object; commas and brackets within texts count as well.
 */
function hasMoreValues(text: string, most: number): boolean {
  // No value is shorter than two characters, with its comma or bracket.
  if (text.length <= 2 * most) return false;
  let seen = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code === comma || code === bracket || code === brace) && ++seen > most) return true;
  }
  return false;
}

/** Control characters within strings are forbidden in JSON, but some servers write them: they are replaced by spaces. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return rawControl.test(text) ? parse(text.replaceAll(rawControls, ' ')) : undefined;
  }
}

const rawControl = /[\u0000-\u001f]/;

const rawControls = /[\u0000-\u001f]/g;

const first = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/** The four shapes in which CMP and its gateway report errors, and anything else. */
type ErrorShape = 'platform' | 'framework' | 'gateway' | 'html' | 'other';

interface ErrorBody {
  shape: ErrorShape;
  status?: number;
  message?: string;
  correlationId?: string;
}

const maxMessageLength = 500;

/** Reads the parsed body of an error. Its strings are unmodified: pass them through `shown` before anybody sees them. */
function readJson(json: unknown): ErrorBody {
  if (typeof json !== 'object' || json === null) return { shape: 'other' };
  const { statusCode, status, message, error, correlationId } = json as Record<string, unknown>;
  const words = asText(message) ?? asText(error);
  const id = asText(correlationId);
  if (typeof statusCode === 'number')
    return { shape: 'gateway', status: statusCode, message: words, correlationId: id };
  if (typeof status !== 'number') return { shape: 'other', message: words, correlationId: id };
  // Spring writes `timestamp` and `error`, the platform `timeStamp` and `message`.
  const shape = typeof message === 'string' ? 'platform' : 'framework';
  return { shape, status, message: words, correlationId: id };
}

/** Reads the body of an error that is not JSON. */
function readHtml(text: string): ErrorBody {
  if (!/^\s*</.test(text)) return { shape: 'other', message: text.trim() || undefined };
  const title = /<(title|h1)[^>]*>([^<]*)</i.exec(text.slice(0, 10_000))?.[2]?.trim();
  return { shape: 'html', message: title || 'an HTML page' };
}

const asText = (value: unknown): string | undefined =>
  typeof value === 'string' && value ? storable(value) : undefined;

/** The wait that CMP requests: from the header (seconds or a date), otherwise from its message, otherwise undefined. */
function retryAfterMs(
  header: string | string[] | undefined,
  message: string | undefined,
  now: number,
): number | undefined {
  const value = Array.isArray(header) ? header[0] : header;
  if (value !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value) * 1000;
  const date = value === undefined ? NaN : Date.parse(value);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  const seconds = /try again in (\d+) seconds?/i.exec(message ?? '')?.[1];
  if (seconds) return Number(seconds) * 1000;
  const quota = /replenished in (\d+):(\d\d):(\d\d)/i.exec(message ?? '');
  if (quota) return (Number(quota[1]) * 3600 + Number(quota[2]) * 60 + Number(quota[3])) * 1000;
  return undefined;
}
