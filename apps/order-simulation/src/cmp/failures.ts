import {
  CmpContractBroken,
  CmpRejected,
  CmpThrottled,
  CmpUnavailable,
  type CmpOutcome,
} from '@isthmus/cmp-client';

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
