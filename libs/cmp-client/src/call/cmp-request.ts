import type { CmpOutcome } from '../errors.ts';
import type { Lane } from '../budget/budget-rules.ts';

/** One operation of the CMP API, ready to be sent as often as it may be. */
export interface CmpRequest {
  /** Such as `subscriptions.page`. */
  operation: string;
  method: 'GET' | 'POST' | 'PATCH';
  /** From the API's base, with a leading slash. */
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

/** One HTTP exchange with CMP, for metrics: no body, no secret, no personal data. */
export interface CmpCall {
  connectorId: string;
  /** Such as `subscriptions.page`. */
  operation: string;
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
  /** How it ended: `ok`, or the code of the error. */
  result: string;
}
