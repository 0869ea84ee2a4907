import type { CmpConnection } from '../call/exchange.ts';
import {
  CmpContractViolated,
  type CmpError,
  CmpRejected,
  type CmpRejectionCategory,
  CmpThrottled,
  CmpUnavailable,
  type CmpUnavailableReason,
  isCmpError,
} from '../errors.ts';

/** The steps of a probe, in their order. */
export const probeSteps = [
  'address',
  'reach',
  'subscription-key',
  'credentials',
  'marketplace',
  'account-id',
  'customers',
  'products',
  'currency',
] as const;

export type ProbeStepName = (typeof probeSteps)[number];

/** The result of one step of a probe. */
export interface ProbeStep {
  step: ProbeStepName;
  ok: boolean;
  /** The cause, if it is not ok. */
  cause?: ProbeCause;
  /** The field of the connector to fix. */
  field?: keyof CmpConnection;
  /** The result, as a sentence. */
  detail: string;
  /** The next step for the user, as a sentence. */
  mend?: string;
  correlationId?: string;
  ms: number;
}

/** Possible causes of a failed check, the field of the connector that corrects each, and the next step. */
export const probeCauses = {
  dns: { field: 'apiUrl', mend: 'Check the host name in the API URL: no such host was found.' },
  tls: {
    field: 'apiUrl',
    mend: 'Check that the API URL has the right scheme and host: its certificate is not valid for it.',
  },
  'blocked-address': {
    field: 'apiUrl',
    mend: 'Check the host name and the port in the API URL: they lead to no public address that connectors may reach.',
  },
  'wrong-url': {
    field: 'apiUrl',
    mend: 'Copy the API URL from the Marketplace API page of the CMP control panel, such as https://api.cloud.im/marketplace/na.',
  },
  password: {
    field: 'password',
    mend: 'Check user name and password for typing mistakes. If they are right, reset the API user’s password in the CMP control panel. It can take 24 hours until a new API user works.',
  },
  'subscription-key': {
    field: 'subscriptionKey',
    mend: 'Copy the subscription key from the Marketplace API page again: it changes when the API user is replaced.',
  },
  marketplace: {
    field: 'marketplace',
    mend: 'Use the code in the address of your control panel: us for cp.us.na.cloud.im.',
  },
  'account-id': {
    field: 'accountId',
    mend: 'Check the account id: these credentials belong to another account.',
  },
  currency: {
    field: 'currency',
    mend: 'Set the currency to the one in which CMP shows this account its prices.',
  },
  'no-permission': {
    field: undefined,
    mend: 'Grant the API user full administrator rights in the CMP control panel.',
  },
  throttled: { field: undefined, mend: 'Wait until calls are available again, then verify once more.' },
  timeout: {
    field: undefined,
    mend: 'Verify again in a few minutes; if it is still slow, contact CMP’s support.',
  },
  'cmp-down': {
    field: undefined,
    mend: 'Check the host and port of the API URL; if they are right, CMP is down: verify again later.',
  },
} as const satisfies Record<string, { field: keyof CmpConnection | undefined; mend: string }>;

export type ProbeCause = keyof typeof probeCauses;

interface Diagnosis {
  /** The step that the failure belongs to, if it is not the current one. */
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

/** Names the cause of a failure; undefined for what is not a failure of CMP. */
export function diagnose(error: unknown): Diagnosis | undefined {
  if (!isCmpError(error)) return undefined;
  const { message, correlationId } = error;
  // What to do about it is the step's own to say.
  const detail = error instanceof CmpRejected ? message.slice(0, -error.advice.length).trimEnd() : message;
  return { ...causeOf(error), detail, correlationId };
}

function causeOf(error: CmpError): { step?: ProbeStepName; cause: ProbeCause } {
  if (error instanceof CmpThrottled) return { cause: 'throttled' };
  if (error instanceof CmpUnavailable) return unavailable[error.reason];
  if (error instanceof CmpRejected) return rejected[error.category];
  // A server that responds to a token request with anything else is not CMP.
  return error instanceof CmpContractViolated && error.operation === 'token'
    ? { cause: 'wrong-url' }
    : { cause: 'cmp-down' };
}
