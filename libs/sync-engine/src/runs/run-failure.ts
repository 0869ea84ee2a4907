import {
  CmpContractViolated,
  CmpRejected,
  CmpThrottled,
  CmpUnavailable,
  isCmpError,
} from '@isthmus/cmp-client';
import { ConnectorNotUsable } from '@isthmus/cmp-connections';
import {
  ApprovalNeeded,
  PlanOutdated,
  type RunBreaker,
  RunCancelled,
  type RunFailure,
  type RunStatus,
} from './run.ts';

/** What to do about a run that has stopped. */
export interface FailureDecision {
  status: RunStatus;
  failure: RunFailure;
  breaker?: RunBreaker;
  /** Set if it is worth continuing the same run after a while. */
  retryAfterMs?: number;
  /** Only a person can resolve it: the connector is paused so that it is not tried forever. */
  pauses?: boolean;
}

const minuteMs = 60_000;
const needsPerson: readonly string[] = [
  'credentials',
  'subscription-key',
  'marketplace',
  'wrong-url',
  'permission',
];
const addressReasons: readonly string[] = ['dns', 'tls', 'blocked-address'];

export function decideFailure(error: unknown): FailureDecision {
  if (error instanceof RunCancelled) {
    return {
      status: 'cancelled',
      failure: { code: error.code, detail: error.message, nextStep: 'Start a new run if needed.' },
    };
  }
  if (error instanceof ApprovalNeeded) {
    const nextStep =
      'See the records of this run, compare with the marketplace portal, then approve the run or cancel it.';
    return {
      status: 'awaiting-approval',
      failure: { code: error.code, detail: error.message, nextStep },
      breaker: error.would,
    };
  }
  if (error instanceof ConnectorNotUsable || error instanceof PlanOutdated) {
    return {
      status: 'failed',
      failure: { code: error.code, detail: error.message, nextStep: error.nextStep },
    };
  }
  if (isCmpError(error)) return cmpVerdict(error);
  const detail = error instanceof Error ? error.message : String(error);
  const nextStep =
    'It is retried automatically. If the error persists, check the worker’s logs for this run.';
  return {
    status: 'failed',
    failure: { code: 'sync-run.broken-off', detail, nextStep },
    retryAfterMs: 5_000,
  };
}

function cmpVerdict(
  error: CmpRejected | CmpThrottled | CmpUnavailable | CmpContractViolated,
): FailureDecision {
  const failure = { code: failureCode(error), detail: error.message, correlationId: error.correlationId };
  if (error instanceof CmpThrottled) {
    return {
      status: 'failed',
      failure: { ...failure, nextStep: 'CMP limits its calls; the run continues when CMP allows it.' },
      retryAfterMs: Math.max(error.retryAfterMs, 1_000),
    };
  }
  if (error instanceof CmpUnavailable) {
    const pauses = addressReasons.includes(error.reason);
    return {
      status: 'failed',
      failure: {
        ...failure,
        nextStep: pauses
          ? 'Run Verify Connectivity on the connector: it names the setting to correct.'
          : 'Wait; the run is retried.',
      },
      ...(pauses ? { pauses } : { retryAfterMs: minuteMs / 2 }),
    };
  }
  if (error instanceof CmpRejected && error.category === 'quota') {
    return {
      status: 'failed',
      failure: { ...failure, nextStep: 'The daily quota is used up; the schedule continues tomorrow.' },
    };
  }
  const pauses = error instanceof CmpContractViolated || needsPerson.includes(error.category);
  return {
    status: 'failed',
    failure: {
      ...failure,
      nextStep:
        'Run Verify Connectivity on the connector, fix the problem it reports, then resume the connector.',
    },
    pauses,
  };
}

function failureCode(error: CmpRejected | CmpThrottled | CmpUnavailable | CmpContractViolated): string {
  if (error instanceof CmpRejected) return `cmp.${error.category}`;
  if (error instanceof CmpUnavailable) return `cmp.${error.reason}`;
  return error.code;
}
