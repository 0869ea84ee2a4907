import type { VirtualClock } from '@isthmus/domain';

/** Stand-ins for the limiter before CMP, for simulations of the budget: at most so many calls in any window. */
export class WindowLimiter {
  private readonly taken: number[] = [];

  constructor(
    public limit: number,
    private readonly windowMs = 60_000,
  ) {}

  /** Answers undefined when the call may pass, else how long to wait in ms. */
  call(now: number): number | undefined {
    while (this.taken.length > 0 && this.taken[0]! <= now - this.windowMs) this.taken.shift();
    if (this.taken.length < this.limit) {
      this.taken.push(now);
      return undefined;
    }
    return Math.ceil((this.taken[this.taken.length - this.limit]! + this.windowMs - now) / 1000) * 1000;
  }
}

/** At most so many calls a minute as a rate, with a small burst. */
export class RateLimiter {
  private tokens: number;
  private at = 0;

  constructor(
    public limit: number,
    private readonly burst: number,
  ) {
    this.tokens = burst;
  }

  call(now: number): number | undefined {
    const perMs = this.limit / 60_000;
    this.tokens = Math.min(this.burst, this.tokens + (now - this.at) * perMs);
    this.at = now;
    if (this.tokens >= 1) {
      this.tokens--;
      return undefined;
    }
    return Math.ceil((1 - this.tokens) / perMs / 1000) * 1000;
  }
}

/** What reached the server. */
export class Observed {
  accepted: number[] = [];
  refused: number[] = [];
  /** Calls sent inside a wait that the server had asked for, by someone who could know. */
  insideRetryAfter = 0;
  private closedUntil = 0;
  private closedSince = 0;

  constructor(private readonly limiter: WindowLimiter | RateLimiter) {}

  /** A call sent at `sentAt` arrives now. */
  arrive(clock: VirtualClock, sentAt: number): number | undefined {
    const now = clock.now();
    if (sentAt > this.closedSince + 100 && sentAt < this.closedUntil) this.insideRetryAfter++;
    const wait = this.limiter.call(now);
    if (wait === undefined) this.accepted.push(now);
    else {
      this.refused.push(now);
      this.closedSince = now;
      this.closedUntil = now + wait;
    }
    return wait;
  }

  /** The share of the limit that was used between two moments. */
  share(from: number, to: number, limit: number): number {
    const count = this.accepted.filter((at) => at >= from && at < to).length;
    return count / ((limit * (to - from)) / 60_000);
  }

  /** The most calls in any window, sliding over all arrivals. */
  mostInWindow(windowMs = 60_000): number {
    let most = 0;
    for (let first = 0, last = 0; last < this.accepted.length; last++) {
      while (this.accepted[first]! <= this.accepted[last]! - windowMs) first++;
      most = Math.max(most, last - first + 1);
    }
    return most;
  }
}
