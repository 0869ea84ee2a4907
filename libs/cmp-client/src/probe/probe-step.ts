import type { CmpConnection } from '../cmp-connection.ts';
import type { ProbeCause } from './probe-cause.ts';

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

/** What one step of a probe found. */
export interface ProbeStep {
  step: ProbeStepName;
  ok: boolean;
  /** What is wrong, when it is not ok. */
  cause?: ProbeCause;
  /** The field of the connector to mend. */
  field?: keyof CmpConnection;
  /** What happened, in words. */
  detail: string;
  /** What to do next, in a sentence. */
  mend?: string;
  correlationId?: string;
  ms: number;
}
