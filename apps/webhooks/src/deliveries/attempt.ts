import type { PublishedEvent } from './webhook-message.ts';

/** A lease on an endpoint. Writes with an older token are rejected. */
export interface EndpointLease {
  endpointId: string;
  tenantId: string;
  token: number;
}

/** An endpoint with its current settings for sending. */
export interface Target {
  url: string;
  /** Nothing has succeeded since its last failure. */
  failing: boolean;
  /** `whsec_…`, newest first, without expired ones. */
  secrets: string[];
}

/** A delivery that is due, with the event to send. */
export interface DueDelivery {
  id: string;
  round: number;
  tries: number;
  inOrder: boolean;
  aggregate: string;
  event: PublishedEvent;
}

/** One request and its result. */
export interface Attempt extends AttemptResult {
  at: Date;
  durationMs: number;
  url: string;
  requestHeaders: Record<string, string>;
  responseHead?: string;
}

/** An attempt at a delivery and what follows from it. */
export interface AttemptOutcome {
  delivery: Pick<DueDelivery, 'id' | 'round'>;
  attempt: Attempt;
  decision: RetryDecision;
}

/** Whether the endpoint accepts deliveries. */
export type EndpointState = 'open' | 'paused' | 'disabled';

/** The result at an endpoint: an HTTP response, or why there was none. */
export interface AttemptResult {
  /** Absent without a response. */
  status?: number;
  /** The response's Retry-After, unparsed. */
  retryAfter?: string;
  /** The reason why there was no response, such as `timeout`. */
  error?: string;
}

/** The state of a delivery after an attempt. */
type RetryDecision =
  | { outcome: 'delivered' }
  /** Another attempt after `delayMs`; nothing at all is sent to the endpoint for `holdMs`. */
  | { outcome: 'pending'; delayMs: number; holdMs: number }
  /** No attempt is left. */
  | { outcome: 'undelivered'; holdMs: number; gone: boolean };

/** No receiver may make us wait longer than this. */
const maxHoldMs = 24 * 60 * 60 * 1000;

/**
 * Decides the next step from a response.
 * @param tries attempts made before this one
 * @param schedule pause before each attempt, in milliseconds; its length is the number of attempts
 */
export function evaluateAttempt(
  result: AttemptResult,
  tries: number,
  schedule: readonly number[],
  now: Date,
): RetryDecision {
  const { status = 0 } = result;
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  // 410 Gone: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Operational considerations".
  const gone = status === 410;
  const holdMs = status === 429 || status === 503 ? retryAfterMs(result.retryAfter, now) : 0;
  const pause = schedule[tries + 1];
  if (gone || pause === undefined) return { outcome: 'undelivered', holdMs, gone };
  return { outcome: 'pending', delayMs: Math.max(pause, holdMs), holdMs };
}

/** Retry-After is in seconds or a date (RFC 9110, 10.2.3); anything else, or a date in the past, is ignored. */
function retryAfterMs(text: string | undefined, now: Date): number {
  if (!text) return 0;
  const delayMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return Number.isFinite(delayMs) ? Math.min(Math.max(delayMs, 0), maxHoldMs) : 0;
}

/** How an attempt failed, as an error code or HTTP status. */
export const describeFailure = ({ status, error }: AttemptResult): string => error ?? String(status);

/** Thrown when we ourselves stopped sending: what the receiver did is not known. */
export class SendAborted extends Error {
  override readonly name = 'SendAborted';
}
