import { cmpSaid, type CmpFailure, type CmpOutcome } from './cmp-failure.ts';

export type CmpUnavailableReason =
  | 'dns'
  | 'tls'
  | 'blocked-address'
  | 'connect'
  | 'timeout'
  | 'connection-lost'
  | 'server-error'
  | 'session-lost'
  | 'budget-store';

/** CMP could not be reached or did not answer properly: try again later. Before repeating a write, read `outcome`. */
export class CmpUnavailable extends Error implements CmpFailure {
  override readonly name = 'CmpUnavailable';
  readonly code = 'cmp.unavailable';
  readonly operation: string;
  readonly outcome: CmpOutcome;
  readonly httpStatus?: number;
  readonly cmpMessage?: string;
  readonly correlationId?: string;
  readonly retryAfterMs?: number;

  constructor(
    readonly reason: CmpUnavailableReason,
    failure: CmpFailure,
    options?: ErrorOptions,
  ) {
    const next =
      failure.outcome === 'unknown'
        ? 'Look whether it took effect before sending it again.'
        : 'Try again later.';
    super(`CMP is unavailable for ${failure.operation}: ${reason}.${cmpSaid(failure)} ${next}`, options);
    Object.assign(this, failure);
    this.operation = failure.operation;
    this.outcome = failure.outcome;
  }
}
