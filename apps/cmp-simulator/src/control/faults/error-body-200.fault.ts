import type { FaultKind } from './fault-kind.ts';
import { internalError } from './internal-error.ts';

/** 200 with the body of an error; nothing is done. */
export const errorBody200: FaultKind = { before: (strike) => internalError(strike, 200) };
