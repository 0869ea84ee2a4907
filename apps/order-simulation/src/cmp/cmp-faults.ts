import {
  CmpContractBroken,
  type CmpOutcome,
  CmpRejected,
  CmpThrottled,
  CmpUnavailable,
} from '@isthmus/cmp-client';
import type { Random } from '../world/random.ts';

const failure = (operation: string, outcome: CmpOutcome, cmpMessage?: string, httpStatus?: number) => ({
  operation,
  outcome,
  ...(cmpMessage ? { cmpMessage } : {}),
  ...(httpStatus ? { httpStatus } : {}),
});

/** The errors of the real client, as it throws them for each kind of trouble. */
export const notSent = (operation: string) => new CmpUnavailable('connect', failure(operation, 'not-sent'));
export const lost = (operation: string) =>
  new CmpUnavailable('connection-lost', failure(operation, 'unknown'));
export const gateway = (operation: string) =>
  new CmpUnavailable('server-error', failure(operation, 'unknown', '504 Gateway Time-out', 504));
export const internalError = (operation: string) =>
  new CmpUnavailable('server-error', failure(operation, 'unknown', 'Internal Server Error', 500));
export const throttled = (operation: string, seconds: number) =>
  new CmpThrottled({
    ...failure(operation, 'refused', 'Rate limit is exceeded.', 429),
    retryAfterMs: seconds * 1000,
  });
export const broken = (operation: string) =>
  new CmpContractBroken(
    'an HTML page instead of JSON',
    '<html>',
    failure(operation, 'unknown', undefined, 200),
  );

/** Words that the client knows make a 500 a definite or a clear no; any others leave it open. */
const definite = ['This order prohibits placing an order', 'Cannot Upgrade/Downgrade Resources'];
const clearly = ['not allowed', 'has expired', 'is exceeded'];
export const business = (operation: string, words: string) => {
  const known = definite.some((phrase) => words.includes(phrase));
  const clear = known || clearly.some((phrase) => words.includes(phrase));
  return new CmpRejected('business', {
    ...failure(operation, known ? 'refused' : 'unknown', words, 500),
    clear,
  });
};
export const notFound = (operation: string) =>
  new CmpRejected('not-found', failure(operation, 'refused', 'No entity has been found.', 404));

/** What happens to one POST of an order. */
export type PlaceFault =
  | 'none'
  | 'slow'
  | 'not-sent'
  | 'throttled'
  | 'lost-before'
  | 'gateway-before'
  | 'late-accept'
  | 'accepted-lost'
  | 'accepted-gateway'
  | 'accepted-500'
  | 'accepted-500-in-words'
  | 'accepted-500-as-refused'
  | 'accepted-broken'
  | 'hangs-unaccepted'
  | 'hangs-accepted'
  | 'refused'
  | 'refused-in-new-words'
  | 'refused-clearly';

/** Weights out of 100. A third of all answers are lost: far worse than any CMP. */
const weights: Record<PlaceFault, number> = {
  none: 50,
  slow: 6,
  'not-sent': 5,
  throttled: 4,
  'lost-before': 2.5,
  'gateway-before': 1.5,
  'late-accept': 6,
  'accepted-lost': 6,
  'accepted-gateway': 5,
  'accepted-500': 3,
  'accepted-500-in-words': 2,
  'accepted-500-as-refused': 2,
  'accepted-broken': 2,
  'hangs-unaccepted': 1,
  'hangs-accepted': 2,
  refused: 1.5,
  'refused-in-new-words': 1,
  'refused-clearly': 1.5,
};

export function drawPlaceFault(random: Random): PlaceFault {
  let roll = random.next() * Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  for (const [fault, weight] of Object.entries(weights) as [PlaceFault, number][])
    if ((roll -= weight) < 0) return fault;
  return 'none';
}
