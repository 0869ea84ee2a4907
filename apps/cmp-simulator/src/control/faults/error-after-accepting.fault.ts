import type { FaultKind } from './fault-kind.ts';
import { internalError } from './internal-error.ts';

/** Does the work, then answers 500 as if it had not; `message` is the text. */
export const errorAfterAccepting: FaultKind = { instead: (strike) => internalError(strike) };
