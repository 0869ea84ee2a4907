import { gatewayError } from '../../wire/errors.ts';
import type { FaultKind } from './fault-kind.ts';

/** 429 from the gateway; `retryAfter` (seconds) is sent as Retry-After, or nothing is when it is left out. */
export const throttle: FaultKind = {
  before: ({ parameters: { retryAfter } }) => ({
    status: 429,
    body: gatewayError(
      429,
      `Rate limit is exceeded.${retryAfter === undefined ? '' : ` Try again in ${String(retryAfter)} seconds.`}`,
    ),
    ...(retryAfter === undefined ? {} : { headers: { 'retry-after': String(retryAfter) } }),
  }),
};
