/** How many calls a subscription key may make; null means as many as it likes. */
export interface Limits {
  perMinute: number | null;
  perDay: number | null;
  /** Whether a refusal carries `Retry-After`; not every gateway sends it. */
  retryAfterHeader: boolean;
}

/** CloudBlue's recommended product for the gateway: "60 calls/minute up to a maximum of 5000 calls/day". */
export const defaultLimits: Limits = { perMinute: 60, perDay: 5000, retryAfterHeader: true };

const minute = 60_000;
const day = 86_400_000;

/** Counts the calls of one key in a sliding minute and a sliding day, on real time. Refused calls are not counted. */
export class RateLimit {
  private calls: number[] = [];

  constructor(public limits: Limits) {}

  /** Takes one call, or returns which limit is used up and for how many seconds. */
  take(now: number): { exceeded: 'minute' | 'day'; retryAfterSeconds: number } | undefined {
    const { perMinute, perDay } = this.limits;
    const keep = perDay === null ? minute : day;
    const first = this.calls.findIndex((at) => at > now - keep);
    this.calls = first === -1 ? [] : first > 0 ? this.calls.slice(first) : this.calls;
    if (perDay !== null && this.calls.length >= perDay)
      return { exceeded: 'day', retryAfterSeconds: wait(this.calls.at(-perDay), day, now) };
    const oldestOfMinute = perMinute === null ? undefined : this.calls.at(-perMinute);
    if (perMinute === 0 || (oldestOfMinute !== undefined && oldestOfMinute > now - minute))
      return { exceeded: 'minute', retryAfterSeconds: wait(oldestOfMinute, minute, now) };
    if (perMinute !== null || perDay !== null) this.calls.push(now);
    return undefined;
  }
}

function wait(oldest: number | undefined, span: number, now: number): number {
  return Math.max(1, Math.ceil(((oldest ?? now) + span - now) / 1000));
}
