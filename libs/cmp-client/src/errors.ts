import { quoted } from '@isthmus/domain';

/**
 * The effect of a failed call at CMP. `not-sent`: it never reached CMP. `refused`: CMP rejected it, so nothing happened there.
 * `unknown`: it may or may not have taken effect; check before repeating it.
 */
export type CmpOutcome = 'not-sent' | 'refused' | 'unknown';

/** The fields of every CMP error. Never contains a secret: strings from CMP are redacted before. */
export interface CmpFailure {
  /** Such as `orders.place`. */
  operation: string;
  outcome: CmpOutcome;
  httpStatus?: number;
  /** CMP's own message, shortened. */
  cmpMessage?: string;
  /** CMP's `X-Correlation-ID`, for its support. */
  correlationId?: string;
  /** The wait requested by CMP or by our call budget. */
  retryAfterMs?: number;
}

/** The end of every message: CMP's message and the id that its support needs. */
function cmpDetails({ httpStatus, cmpMessage, correlationId }: CmpFailure): string {
  const said = cmpMessage && quoted(cmpMessage);
  const words = said ? ` CMP said: ${said}${/[.!?]"$/.test(said) ? '' : '.'}` : '';
  const status = httpStatus
    ? ` (HTTP ${httpStatus}${correlationId ? `, correlation id ${correlationId}` : ''})`
    : '';
  return words + status;
}

/** Base class of all failures of a call to CMP. */
abstract class CmpCallFailed extends Error implements CmpFailure {
  abstract readonly code: string;
  readonly operation: string;
  readonly outcome: CmpOutcome;
  readonly httpStatus?: number;
  readonly cmpMessage?: string;
  readonly correlationId?: string;
  readonly retryAfterMs?: number;

  constructor(message: string, failure: CmpFailure, options?: ErrorOptions) {
    super(message, options);
    Object.assign(this, failure);
    this.operation = failure.operation;
    this.outcome = failure.outcome;
  }
}

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

/** CMP could not be reached or did not respond properly: retry later. Before repeating a write, check `outcome`. */
export class CmpUnavailable extends CmpCallFailed {
  override readonly name = 'CmpUnavailable';
  readonly code = 'cmp.unavailable';

  constructor(
    readonly reason: CmpUnavailableReason,
    failure: CmpFailure,
    options?: ErrorOptions,
  ) {
    const next =
      failure.outcome === 'unknown'
        ? 'Check whether it took effect before sending it again.'
        : 'Try again later.';
    super(
      `CMP is unavailable for ${failure.operation}: ${reason}.${cmpDetails(failure)} ${next}`,
      failure,
      options,
    );
  }
}

/** The call budget is used up, at CMP or by our own count: try again after `retryAfterMs`. Nothing happened at CMP. */
export class CmpThrottled extends CmpCallFailed {
  override readonly name = 'CmpThrottled';
  readonly code = 'cmp.throttled';
  declare readonly retryAfterMs: number;

  constructor(failure: CmpFailure & { retryAfterMs: number }, options?: ErrorOptions) {
    const seconds = Math.ceil(failure.retryAfterMs / 1000);
    super(
      `${failure.operation} exceeds CMP's call limit.${cmpDetails(failure)} Try again in ${seconds} s.`,
      failure,
      options,
    );
  }
}

const advice = {
  credentials: 'Check user name and password for typing mistakes.',
  'subscription-key': 'Check the subscription key of the connector.',
  marketplace: 'Check the marketplace code of the connector.',
  'wrong-url': 'Check the API URL of the connector.',
  permission: 'Grant the API user this right in the CMP control panel.',
  'not-found': 'Check that it still exists in CMP.',
  validation: 'Fix the request.',
  conflict: 'Wait until the other change is done.',
  business: "Follow CMP's message, and act in the CMP control panel if needed.",
  quota: 'Wait until the daily quota is replenished.',
} as const;

export type CmpRejectionCategory = keyof typeof advice;

/**
 * CMP rejects the call, and would reject it again: stop and inform a user. A rejected order may still have `outcome: 'unknown'`.
 */
export class CmpRejected extends CmpCallFailed {
  override readonly name = 'CmpRejected';
  readonly code = 'cmp.rejected';
  /**
   * CMP's message is an unambiguous rejection. With `outcome: 'unknown'`, one complete search shows whether it nevertheless took
   * effect.
   */
  declare readonly clear?: boolean;
  /** The last sentence of the message: what to do about it. */
  readonly advice: string;

  constructor(
    readonly category: CmpRejectionCategory,
    failure: CmpFailure & { clear?: boolean },
    options?: ErrorOptions,
  ) {
    super(
      `CMP rejected ${failure.operation}: ${category}.${cmpDetails(failure)} ${advice[category]}`,
      failure,
      options,
    );
    this.advice = advice[category];
  }
}

/** CMP's response violates its contract: stop, escalate, and check `bodyHead`. */
export class CmpContractViolated extends CmpCallFailed {
  override readonly name = 'CmpContractViolated';
  readonly code = 'cmp.contract-broken';

  constructor(
    /** The violation, such as `data is not a list`. */
    readonly reason: string,
    /** The first characters of the body, redacted. */
    readonly bodyHead: string,
    failure: CmpFailure,
    options?: ErrorOptions,
    /** The field that cannot be read; absent if the response as a whole is malformed. */
    readonly field?: string,
  ) {
    super(
      `CMP's response to ${failure.operation} violates its contract: ${reason}.${cmpDetails(failure)}`,
      failure,
      options,
    );
  }
}

/** The four reactions to a failure: retry, wait, inform a user, escalate. */
export type CmpError = CmpUnavailable | CmpThrottled | CmpRejected | CmpContractViolated;

export const isCmpError = (error: unknown): error is CmpError =>
  error instanceof CmpUnavailable ||
  error instanceof CmpThrottled ||
  error instanceof CmpRejected ||
  error instanceof CmpContractViolated;
