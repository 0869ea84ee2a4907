import { cmpSaid, type CmpFailure, type CmpOutcome } from './cmp-failure.ts';

/** The call budget is used up, at CMP or by our own count: try again after `retryAfterMs`. Nothing happened at CMP. */
export class CmpThrottled extends Error implements CmpFailure {
  override readonly name = 'CmpThrottled';
  readonly code = 'cmp.throttled';
  readonly operation: string;
  readonly outcome: CmpOutcome;
  readonly httpStatus?: number;
  readonly cmpMessage?: string;
  readonly correlationId?: string;
  readonly retryAfterMs: number;

  constructor(failure: CmpFailure & { retryAfterMs: number }, options?: ErrorOptions) {
    const seconds = Math.ceil(failure.retryAfterMs / 1000);
    super(
      `${failure.operation} exceeds CMP's call limit.${cmpSaid(failure)} Try again in ${seconds} s.`,
      options,
    );
    Object.assign(this, failure);
    this.operation = failure.operation;
    this.outcome = failure.outcome;
    this.retryAfterMs = failure.retryAfterMs;
  }
}
