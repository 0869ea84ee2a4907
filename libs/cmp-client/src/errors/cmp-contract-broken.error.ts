import { cmpSaid, type CmpFailure, type CmpOutcome } from './cmp-failure.ts';

/** CMP's answer is not what its contract says: stop, raise the alarm, and look at `bodyHead`. */
export class CmpContractBroken extends Error implements CmpFailure {
  override readonly name = 'CmpContractBroken';
  readonly code = 'cmp.contract-broken';
  readonly operation: string;
  readonly outcome: CmpOutcome;
  readonly httpStatus?: number;
  readonly cmpMessage?: string;
  readonly correlationId?: string;
  readonly retryAfterMs?: number;

  constructor(
    /** What is wrong with the answer, such as `data is not a list`. */
    readonly reason: string,
    /** The first characters of the body, redacted. */
    readonly bodyHead: string,
    failure: CmpFailure,
    options?: ErrorOptions,
    /** The field that cannot be read; absent when the answer as a whole is not what it should be. */
    readonly field?: string,
  ) {
    super(`CMP's answer to ${failure.operation} breaks its contract: ${reason}.${cmpSaid(failure)}`, options);
    Object.assign(this, failure);
    this.operation = failure.operation;
    this.outcome = failure.outcome;
  }
}
