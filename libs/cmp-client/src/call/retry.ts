import { CmpThrottled } from '../errors/cmp-throttled.error.ts';
import { CmpUnavailable } from '../errors/cmp-unavailable.error.ts';
import type { CmpRequest } from './cmp-request.ts';

const attempts = 4;
const passing = new Set<number | undefined>([undefined, 408, 502, 503, 504]);

/** Only what changes nothing at CMP is ever sent again, and only after failures that tend to pass. */
export function worthRetrying(error: unknown, { retried, operation }: CmpRequest, attempt: number): boolean {
  if (!retried || attempt >= attempts) return false;
  // The budget holds the next attempt back until the wait is over; what the budget itself refused is final.
  if (error instanceof CmpThrottled) return error.httpStatus !== undefined;
  if (!(error instanceof CmpUnavailable)) return false;
  // Everyone waits for the token: after a whole minute without an answer they are told so.
  if (operation === 'token' && error.reason === 'timeout') return false;
  return error.reason !== 'budget-store' && !hopeless.has(error.reason) && passing.has(error.httpStatus);
}

/** Faults of address or certificate do not pass within seconds. */
const hopeless = new Set(['dns', 'tls', 'blocked-address']);

/** Half a second, doubled each time, with half of it left to chance, so that processes do not come back together. */
export const backoffMs = (attempt: number, random: number): number =>
  500 * 2 ** (attempt - 1) * (0.5 + random / 2);
