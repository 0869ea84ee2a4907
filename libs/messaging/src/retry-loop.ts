import { AsyncLocalStorage } from 'node:async_hooks';
import type { LoggerService } from '@nestjs/common';
import { systemClock, type Clock } from '@isthmus/domain';
import { failureKind } from './failure.ts';

/** Pauses between attempts: each twice as long as the previous one, up to `mostMs`. */
export interface Backoff {
  firstMs: number;
  maxMs: number;
}

const defaultBackoff: Backoff = { firstMs: 100, maxMs: 2_000 };

/** A round that lasted this long before it failed had been working: its failure begins a new series. */
const steadyMs = 10_000;

export interface LoopOptions {
  /** Name of the loop for its log, such as "Relay" or "Claiming endpoints". */
  name: string;
  /**
   * One round of work. Resolves true if there may be more to do immediately. A rejection is logged, and the round is repeated
   * after a pause that grows with every failure.
   */
  run: (signal: AbortSignal) => Promise<boolean | void>;
  /** The pause after a round that left nothing to do, asked for after each one; a wake-up ends it early. */
  idleMs: number | (() => number);
  /** Whether to pause before the first round, as housekeeping does. Default false. */
  idleFirst?: boolean;
  backoff?: Backoff;
  log: Pick<LoggerService, 'log' | 'warn' | 'error'>;
  /** Failures that are logged as warnings without a stack trace. Default: those that mean that a server cannot be reached. */
  isOutage?: (error: unknown) => boolean;
  clock?: Clock;
}

/**
 * Repeats `run` until the signal is aborted; never rejects. A wake-up shortens the pause between rounds, not the one after
 * a failure: while a server is down, wake-ups must not turn into a storm of attempts.
 */
export async function runLoop(
  options: LoopOptions,
  signal: AbortSignal,
  wakeSignal = new WakeSignal(options.clock),
): Promise<void> {
  const { run, idleMs, idleFirst = false, backoff = defaultBackoff, clock = systemClock } = options;
  const report = new FailureReport(options);
  const idle = () => wakeSignal.wait(typeof idleMs === 'number' ? idleMs : idleMs(), signal);
  if (idleFirst) await idle();
  for (let failures = 0; !signal.aborted;) {
    const begun = clock.now();
    try {
      const more = await run(signal);
      report.succeeded(failures);
      failures = 0;
      if (!more) await idle();
    } catch (error) {
      if (signal.aborted) return;
      if (clock.now() - begun > steadyMs) failures = 0;
      report.failed(error, failures);
      await pause(backoffMs(failures, backoff), signal, clock);
      failures += 1;
    }
  }
}

const programEnding = new AsyncLocalStorage<AbortSignal>();

/**
 * Makes a program whose loops all begin their last round when the signal is aborted. Nest stops one module after the other, and a
 * round may wait for seconds for a server that does not answer: a program that is to end waits for all of them at once.
 */
export function endingLoopsBy<T>(signal: AbortSignal, make: () => T): T {
  return programEnding.run(signal, make);
}

/**
 * A loop with the life cycle of a Nest provider:
 *
 *     onApplicationBootstrap() { this.#loop.start(); }
 *     beforeApplicationShutdown() { return this.#loop.stop(); }
 */
export class RetryLoop {
  readonly #wakeSignal: WakeSignal;
  readonly #ending = programEnding.getStore();
  #stopped = new AbortController();
  #running?: Promise<void>;

  constructor(private readonly options: LoopOptions) {
    this.#wakeSignal = new WakeSignal(options.clock);
  }

  /** Does nothing while the loop is running. */
  start(): void {
    if (this.#running) return;
    this.#stopped = new AbortController();
    const { signal } = this.#stopped;
    const either = this.#ending ? AbortSignal.any([signal, this.#ending]) : signal;
    this.#running = runLoop(this.options, either, this.#wakeSignal);
  }

  /** There may be something to do: begins the next round now, or as soon as the current one is over. */
  wake(): void {
    this.#wakeSignal.wake();
  }

  /** Resolves when the current round is over; there will not be another until the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    this.#running = undefined;
  }
}

export interface RetryOptions {
  signal?: AbortSignal;
  backoff?: Backoff;
  /**
   * The delay after this failure, instead of `backoff`; undefined if another attempt is useless. `failures` is 0 for the first.
   */
  delayMs?: (error: unknown, failures: number) => number | undefined;
  /** Called after each failure that is followed by another try; `failures` is 0 for the first. */
  onFailure?: (error: unknown, failures: number) => void;
  clock?: Clock;
}

/**
 * Repeats `work` until it succeeds; tries at least once. Resolves undefined if the signal was aborted before that, and rejects
 * with the failure after which `delayMs` returns undefined.
 */
export function retry<T>(
  work: () => Promise<T>,
  options: RetryOptions & { signal: AbortSignal },
): Promise<T | undefined>;
export function retry<T>(work: () => Promise<T>, options: RetryOptions & { signal?: undefined }): Promise<T>;
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T | undefined> {
  const { signal, backoff = defaultBackoff, onFailure, clock = systemClock } = options;
  const { delayMs = (_, failures) => backoffMs(failures, backoff) } = options;
  for (let failures = 0; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      const delay = delayMs(error, failures);
      if (signal?.aborted) return undefined;
      if (delay === undefined) throw error;
      onFailure?.(error, failures);
      await pause(delay, signal, clock);
      if (signal?.aborted) return undefined;
    }
  }
}

/** Wakes one waiter. A wake-up without a waiter is remembered for the next wait. */
export class WakeSignal {
  #given = false;
  #endWait = (): void => undefined;

  constructor(private readonly clock: Clock = systemClock) {}

  wake(): void {
    this.#given = true;
    this.#endWait();
  }

  /** Resolves at the next wake-up, after this many milliseconds, or when the signal is aborted. */
  async wait(atMostMs: number, signal?: AbortSignal): Promise<void> {
    if (!this.#given && !signal?.aborted) {
      const ended = new AbortController();
      this.#endWait = () => ended.abort();
      signal?.addEventListener('abort', this.#endWait, { once: true });
      await pause(atMostMs, ended.signal, this.clock);
      signal?.removeEventListener('abort', this.#endWait);
    }
    this.#given = false;
  }
}

/** The delay after this number of consecutive failures. */
export const backoffMs = (failures: number, { firstMs, maxMs } = defaultBackoff): number =>
  Math.min(firstMs * 2 ** failures, maxMs);

/** Sleeps; resolves early when the signal is aborted. */
const pause = (ms: number, signal: AbortSignal | undefined, clock: Clock): Promise<void> =>
  clock.sleep(ms, signal).catch(() => undefined);

/** Logs the first failure of a series and those that differ from the previous one, so that an outage does not fill the log. */
class FailureReport {
  #last = '';

  constructor(private readonly options: Pick<LoopOptions, 'name' | 'log' | 'isOutage'>) {}

  failed(error: unknown, failures: number): void {
    const { name, log, isOutage = isUnreachableServer } = this.options;
    const text = String(error);
    if (failures > 0 && text === this.#last) return;
    this.#last = text;
    if (isOutage(error)) log.warn(`${name} interrupted; retrying. ${text}`);
    else log.error(`${name} failed; retrying.`, error);
  }

  succeeded(failures: number): void {
    if (failures > 0) this.options.log.log(`${this.options.name} recovered after ${failures} failures.`);
  }
}

const isUnreachableServer = (error: unknown): boolean => failureKind(error) === 'unavailable';
