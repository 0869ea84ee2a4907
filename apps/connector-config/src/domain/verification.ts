/** One thing that was tried, and how it went. */
export interface VerificationStep {
  step: string;
  ok: boolean;
  /** A machine code such as `password`; absent when it went well. */
  cause?: string;
  /** The connector's field to mend, where one is to blame. */
  field?: string;
  detail: string;
  /** What to do next; absent when it went well. */
  mend?: string;
  /** CMP's own, for its support. */
  correlationId?: string;
  ms: number;
}

export interface Verification {
  ok: boolean;
  steps: VerificationStep[];
  /** UTC, ISO 8601. */
  checkedAt: string;
}
