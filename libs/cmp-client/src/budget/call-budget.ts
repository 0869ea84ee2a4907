import { type Clock, systemClock } from '@isthmus/domain';
import { type CmpAssumptions, defaultAssumptions } from '../assumptions.ts';
import { CmpThrottled } from '../errors.ts';
import {
  budgetRules,
  type BudgetRules,
  claim,
  countRefusal,
  current,
  dayMs,
  daySliceMs,
  effectiveLimit,
  type HeldBackBy,
  isPaced,
  type Lane,
  lanes,
  type Ledger,
  reduceLimit,
  sliceMs,
  total,
} from './ledger.ts';
import { budgetKey, type BudgetStore, InMemoryBudgetStore, SharedLedger } from './budget-store.ts';

export interface CallBudgetOptions {
  /** Limits and windows are taken from here. */
  assumptions?: Partial<CmpAssumptions>;
  clock?: Clock;
  random?: () => number;
  maxWaitMs?: Partial<Record<Lane, number>>;
}

/** Higher lanes renew their claim to the next free call at least this often while they wait. */
const renewMs = 1000;
/** Added to the wait that CMP requests, because its clock is not ours. */
const retryMarginMs = 100;

/**
 * The remaining calls of one CMP subscription key, shared through the store by every process that uses the key. Calls never
 * exceed the limit in any window or day, and are paced; a lower lane never delays a higher one; a wait that CMP requests applies
 * to all processes. If the limit is unknown, the budget starts slowly and learns it.
 */
export class CallBudget {
  private readonly queue = new WaitQueue();
  private pumping = false;
  private wakeUp = new AbortController();
  private heldBackBy: HeldBackBy | undefined;

  private constructor(
    private readonly ledger: SharedLedger | undefined,
    private readonly rules: BudgetRules,
    private readonly clock: Clock,
  ) {}

  /** The budget of a subscription key. The key itself goes nowhere: only its hash names the cell. */
  static of(subscriptionKey: string, store: BudgetStore, options: CallBudgetOptions = {}): CallBudget {
    const { clock = systemClock, random = Math.random, maxWaitMs } = options;
    const rules = budgetRules({ ...defaultAssumptions, ...options.assumptions });
    Object.assign(rules.maxWaitMs, maxWaitMs);
    return new CallBudget(new SharedLedger(store, budgetKey(subscriptionKey), clock, random), rules, clock);
  }

  /** A budget for one process that does not share its key. */
  static local(options: CallBudgetOptions = {}): CallBudget {
    return CallBudget.of('', new InMemoryBudgetStore(), options);
  }

  /** No limit at all: for benchmarks and simulators. */
  static unlimited(): CallBudget {
    return new CallBudget(undefined, budgetRules(defaultAssumptions), systemClock);
  }

  /**
   * Resolves when the caller may make one call, which it must then make immediately. Throws {@link CmpThrottled} if that would
   * take longer than the lane waits, and the signal's reason when aborted.
   */
  acquire(lane: Lane, options: { signal?: AbortSignal; operation?: string } = {}): Promise<void> {
    if (!this.ledger) return Promise.resolve();
    const { signal, operation = 'a call' } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const done = (finish: () => void) => () => {
        signal?.removeEventListener('abort', leave);
        finish();
      };
      const waiter: Waiter = {
        lane,
        operation,
        go: done(resolve),
        fail: (error) => done(() => reject(error))(),
      };
      const leave = () => this.queue.leave(waiter) && waiter.fail(signal!.reason);
      signal?.addEventListener('abort', leave, { once: true });
      this.queue.join(waiter);
      this.wake();
    });
  }

  /** CMP responded with 429, or reported a quota: no one with this key calls before `retryAfterMs` have passed. */
  async throttled(retryAfterMs: number, sentAt = this.clock.now()): Promise<void> {
    const now = this.clock.now();
    const closedUntil = now + retryAfterMs + retryMarginMs;
    await this.ledger?.update((ledger) => {
      countRefusal(ledger, now);
      // A call that was in progress when another one was rejected provides no new information.
      if (
        ledger.closedUntil > now &&
        sentAt < ledger.learned.cutAt &&
        ledger.closedUntil >= closedUntil - 1000
      ) {
        return { result: undefined, store: true };
      }
      reduceLimit(ledger, this.rules, now, retryAfterMs);
      ledger.closedUntil = Math.max(ledger.closedUntil, closedUntil);
      ledger.pace = Math.max(ledger.pace, ledger.closedUntil);
      return { result: undefined, store: true };
    });
  }

  /** State last seen by this process, to show users why calls are delayed. */
  state(): BudgetState {
    const { ledger, rules, queue, heldBackBy } = this;
    return budgetState(ledger?.peek(), rules, this.clock.now(), queue.lengths(), heldBackBy);
  }

  private wake(): void {
    if (this.pumping) this.wakeUp.abort();
    else void this.pump();
  }

  private async pump(): Promise<void> {
    this.pumping = true;
    try {
      for (let lane = this.queue.head(); lane; lane = this.queue.head()) {
        this.wakeUp = new AbortController();
        const waitMs = await this.serve(lane);
        if (waitMs > 0) await this.clock.sleep(waitMs, this.wakeUp.signal).catch(() => undefined);
      }
    } finally {
      this.pumping = false;
      this.heldBackBy = undefined;
    }
  }

  /** Lets as many of the lane go as may go now; returns how long to wait before the next attempt. Never rejects. */
  private async serve(lane: Lane): Promise<number> {
    const waiting = this.queue.lengths()[lane];
    try {
      const { granted, waitMs, heldBackBy } = await this.ledger!.update((ledger) => {
        const result = claim(ledger, lane, waiting, this.clock.now(), this.rules);
        return { result, store: result.granted > 0 || !isPaced(lane) };
      });
      this.heldBackBy = heldBackBy;
      for (const waiter of this.queue.take(lane, granted)) waiter.go();
      if (waitMs > this.rules.maxWaitMs[lane]) this.rejectWaiting(lane, waitMs);
      return isPaced(lane) ? waitMs : Math.min(waitMs, renewMs);
    } catch (error) {
      for (const waiter of this.queue.take(lane, Infinity)) waiter.fail(error);
      return 0;
    }
  }

  private rejectWaiting(lane: Lane, retryAfterMs: number): void {
    for (const waiter of this.queue.take(lane, Infinity)) {
      waiter.fail(new CmpThrottled({ operation: waiter.operation, outcome: 'not-sent', retryAfterMs }));
    }
  }
}

/** State of a budget, for progress displays. */
export interface BudgetState {
  /** Calls per minute we allow ourselves now; null when unlimited. */
  limit: number | null;
  usedLastMinute: number;
  /** Calls in the last 24 hours, because it is unknown when CMP's day begins. */
  usedToday: number;
  dailyLimit: number | null;
  /** ISO time until which CMP requested no calls, if it is in the future. */
  closedUntil: string | null;
  /** The reason why callers are waiting. */
  heldBackBy: HeldBackBy | null;
  waiting: Record<Lane, number>;
}

function budgetState(
  ledger: Ledger | undefined,
  rules: BudgetRules,
  now: number,
  waiting: Record<Lane, number>,
  heldBackBy: HeldBackBy | undefined,
): BudgetState {
  if (!ledger) {
    const unused = { limit: null, usedLastMinute: 0, usedToday: 0, dailyLimit: null };
    return { ...unused, closedUntil: null, heldBackBy: null, waiting };
  }
  return {
    limit: Math.floor(effectiveLimit(ledger, rules)),
    usedLastMinute: total(current(ledger.window, now, sliceMs, 60_000)),
    usedToday: total(current(ledger.day, now, daySliceMs, dayMs)),
    dailyLimit: rules.perDay,
    closedUntil: ledger.closedUntil > now ? new Date(ledger.closedUntil).toISOString() : null,
    heldBackBy: heldBackBy ?? null,
    waiting,
  };
}

interface Waiter {
  lane: Lane;
  operation: string;
  go(): void;
  fail(error: unknown): void;
}

/** Callers of one process that wait for the budget: by lane, and within a lane in order of arrival. */
class WaitQueue {
  private readonly lines: Record<Lane, Set<Waiter>> = {
    order: new Set(),
    interactive: new Set(),
    sync: new Set(),
    scrub: new Set(),
  };

  join(waiter: Waiter): void {
    this.lines[waiter.lane].add(waiter);
  }

  /** False when it had left before. */
  leave(waiter: Waiter): boolean {
    return this.lines[waiter.lane].delete(waiter);
  }

  /** The highest lane in which someone waits. */
  head(): Lane | undefined {
    return lanes.find((lane) => this.lines[lane].size > 0);
  }

  /** Takes up to `count` waiters of a lane out of the queue. */
  take(lane: Lane, count: number): Waiter[] {
    const taken = [...this.lines[lane]].slice(0, count);
    for (const waiter of taken) this.lines[lane].delete(waiter);
    return taken;
  }

  lengths(): Record<Lane, number> {
    const { order, interactive, sync, scrub } = this.lines;
    return { order: order.size, interactive: interactive.size, sync: sync.size, scrub: scrub.size };
  }
}
