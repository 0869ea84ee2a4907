import { CmpContractBroken } from './cmp-contract-broken.error.ts';
import { CmpRejected } from './cmp-rejected.error.ts';
import { CmpThrottled } from './cmp-throttled.error.ts';
import { CmpUnavailable } from './cmp-unavailable.error.ts';

/** The four things a caller can do about a failure: retry, wait, tell someone, raise the alarm. */
export type CmpError = CmpUnavailable | CmpThrottled | CmpRejected | CmpContractBroken;

export const isCmpError = (error: unknown): error is CmpError =>
  error instanceof CmpUnavailable ||
  error instanceof CmpThrottled ||
  error instanceof CmpRejected ||
  error instanceof CmpContractBroken;
