import type { Lane } from '../lane.ts';

/** One HTTP exchange with CMP, for metrics: no body, no secret, no personal data. */
export interface CmpCall {
  connectorId: string;
  /** Such as `subscriptions.page`. */
  operation: string;
  lane: Lane;
  /** 1 for the first try. */
  attempt: number;
  /** Spent waiting for the call budget. */
  waitedMs: number;
  /** Spent at CMP. */
  tookMs: number;
  httpStatus?: number;
  /** Characters of the answer. */
  size?: number;
  correlationId?: string;
  /** How it ended: `ok`, or the code of the error. */
  result: string;
}
