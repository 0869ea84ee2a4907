import { cmpSaid, type CmpFailure, type CmpOutcome } from './cmp-failure.ts';

const advice = {
  credentials: 'Check the user name and password of the connector.',
  'subscription-key': 'Check the subscription key of the connector.',
  marketplace: 'Check the marketplace code of the connector.',
  'wrong-url': 'Check the API URL of the connector.',
  permission: 'Give the API user the right in the CMP control panel.',
  'not-found': 'Check that it still exists in CMP.',
  validation: 'Mend the request.',
  conflict: 'Wait until the other change is done.',
  business: 'See what CMP says, and act in the CMP control panel if needed.',
  quota: 'Wait until the daily quota is replenished.',
} as const;

export type CmpRejectionCategory = keyof typeof advice;

/** CMP refuses, and would refuse again: stop and tell someone. A rejected order may still read `outcome: 'unknown'`. */
export class CmpRejected extends Error implements CmpFailure {
  override readonly name = 'CmpRejected';
  readonly code = 'cmp.rejected';
  readonly operation: string;
  readonly outcome: CmpOutcome;
  readonly httpStatus?: number;
  readonly cmpMessage?: string;
  readonly correlationId?: string;
  readonly retryAfterMs?: number;
  /** CMP's words clearly say no. With `outcome: 'unknown'` one complete look settles whether it took effect all the same. */
  readonly clear?: boolean;

  constructor(
    readonly category: CmpRejectionCategory,
    failure: CmpFailure & { clear?: boolean },
    options?: ErrorOptions,
  ) {
    super(`CMP rejected ${failure.operation}: ${category}.${cmpSaid(failure)} ${advice[category]}`, options);
    Object.assign(this, failure);
    this.operation = failure.operation;
    this.outcome = failure.outcome;
  }
}
