import { CmpContractBroken } from '../errors/cmp-contract-broken.error.ts';
import { isCmpError, type CmpError } from '../errors/cmp-error.ts';
import { CmpRejected, type CmpRejectionCategory } from '../errors/cmp-rejected.error.ts';
import { CmpThrottled } from '../errors/cmp-throttled.error.ts';
import { CmpUnavailable, type CmpUnavailableReason } from '../errors/cmp-unavailable.error.ts';
import type { ProbeCause } from './probe-cause.ts';
import type { ProbeStepName } from './probe-step.ts';

export interface Diagnosis {
  /** The step that the failure belongs to, when it is not the one at hand. */
  step?: ProbeStepName;
  cause: ProbeCause;
  detail: string;
  correlationId?: string;
}

const unavailable: Record<CmpUnavailableReason, { step?: ProbeStepName; cause: ProbeCause }> = {
  dns: { step: 'address', cause: 'dns' },
  'blocked-address': { step: 'address', cause: 'blocked-address' },
  tls: { step: 'reach', cause: 'tls' },
  connect: { step: 'reach', cause: 'cmp-down' },
  timeout: { cause: 'timeout' },
  'connection-lost': { cause: 'cmp-down' },
  'server-error': { cause: 'cmp-down' },
  'session-lost': { cause: 'cmp-down' },
  'budget-store': { cause: 'throttled' },
};

const rejected: Record<CmpRejectionCategory, { step?: ProbeStepName; cause: ProbeCause }> = {
  credentials: { step: 'credentials', cause: 'password' },
  'subscription-key': { step: 'subscription-key', cause: 'subscription-key' },
  marketplace: { step: 'marketplace', cause: 'marketplace' },
  'wrong-url': { cause: 'wrong-url' },
  permission: { cause: 'no-permission' },
  quota: { cause: 'throttled' },
  'not-found': { cause: 'wrong-url' },
  validation: { cause: 'wrong-url' },
  conflict: { cause: 'cmp-down' },
  business: { cause: 'cmp-down' },
};

/** Names which cause a failure is. Answers undefined for what is not a failure of CMP. */
export function diagnose(error: unknown): Diagnosis | undefined {
  if (!isCmpError(error)) return undefined;
  const { message: detail, correlationId } = error;
  return { ...found(error), detail, correlationId };
}

function found(error: CmpError): { step?: ProbeStepName; cause: ProbeCause } {
  if (error instanceof CmpThrottled) return { cause: 'throttled' };
  if (error instanceof CmpUnavailable) return unavailable[error.reason];
  if (error instanceof CmpRejected) return rejected[error.category];
  // Whatever answers a token request with something else is not CMP.
  return error instanceof CmpContractBroken && error.operation === 'token'
    ? { cause: 'wrong-url' }
    : { cause: 'cmp-down' };
}
