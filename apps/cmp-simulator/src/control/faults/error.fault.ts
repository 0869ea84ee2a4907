import type { FaultKind } from './fault-kind.ts';
import { internalError } from './internal-error.ts';

/** 500 without doing the work; `message` is the text. */
export const error: FaultKind = { before: (strike) => internalError(strike) };
