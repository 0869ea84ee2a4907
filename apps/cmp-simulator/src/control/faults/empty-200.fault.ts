import type { FaultKind } from './fault-kind.ts';

/** Does the work, then answers 200 with nothing at all. */
export const empty200: FaultKind = { instead: () => ({ status: 200, body: '' }) };
