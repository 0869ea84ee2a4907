/** What came back from an endpoint: an HTTP answer, or why there was none. */
export interface AttemptResult {
  /** Absent without an answer. */
  status?: number;
  /** The answer's Retry-After, as it came. */
  retryAfter?: string;
  /** Why there was no answer, such as `timeout`. */
  error?: string;
}

/** What becomes of a delivery after an attempt. */
export type Verdict =
  | { outcome: 'delivered' }
  /** Another attempt after `delayMs`; nothing at all is sent to the endpoint for `holdMs`. */
  | { outcome: 'pending'; delayMs: number; holdMs: number }
  /** No attempt is left. */
  | { outcome: 'undelivered'; holdMs: number; gone: boolean };

/** Nobody may keep us waiting for longer than this. */
const longestHoldMs = 24 * 60 * 60 * 1000;

/**
 * @param tries attempts made before this one
 * @param schedule pause before each attempt, in milliseconds; its length is the number of attempts
 */
export function judgeAttempt(
  result: AttemptResult,
  tries: number,
  schedule: readonly number[],
  now: Date,
): Verdict {
  const { status = 0 } = result;
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  // 410 Gone: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Operational considerations".
  const gone = status === 410;
  const holdMs = status === 429 || status === 503 ? retryAfterMs(result.retryAfter, now) : 0;
  const pause = schedule[tries + 1];
  if (gone || pause === undefined) return { outcome: 'undelivered', holdMs, gone };
  return { outcome: 'pending', delayMs: Math.max(pause, holdMs), holdMs };
}

/** Retry-After is seconds or a date (RFC 9110, 10.2.3); what is neither, or over, asks for nothing. */
function retryAfterMs(text: string | undefined, now: Date): number {
  if (!text) return 0;
  const wanted = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return Number.isFinite(wanted) ? Math.min(Math.max(wanted, 0), longestHoldMs) : 0;
}
