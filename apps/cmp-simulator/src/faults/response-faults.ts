import { deadToken, gatewayError, platformError, proxyPage } from '../wire/errors.ts';
import { internalError, type FaultKind, type FaultResponse } from './fault.ts';

// Wrong responses: statuses, pages and bodies that are not what the work deserves.

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

/** 500 without doing the work; `message` is the text. */
export const error: FaultKind = { before: (strike) => internalError(strike) };

/** Does the work, then responds with 500 as if it had not; `message` is the text. */
export const errorAfterAccepting: FaultKind = { instead: (strike) => internalError(strike) };

/** 200 with the body of an error; nothing is done. */
export const errorBody200: FaultKind = { before: (strike) => internalError(strike, 200) };

/** Does the work, then responds with 200 and an empty body. */
export const empty200: FaultKind = { instead: () => ({ status: 200, body: '' }) };

const signInPage =
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action="/login"></form></body></html>';

/** 200 with a sign-in page, as a wrong address or an expired session gives; nothing is done. */
export const html200: FaultKind = {
  before: () => ({ status: 200, body: signInPage, contentType: 'text/html; charset=utf-8' }),
};

export const gatewayTimeout: FaultResponse = {
  status: 504,
  body: proxyPage(504, 'Gateway Time-out'),
  contentType: 'text/html',
};

/** The proxy times out: an HTML page. With `accepted: true` the work was nevertheless done, otherwise not. */
export const html504: FaultKind = {
  before: ({ parameters }) => (parameters.accepted === true ? undefined : gatewayTimeout),
  instead: () => gatewayTimeout,
};

/** The right response, called text/html. Seen on the production API's token resource. */
export const wrongContentType: FaultKind = {
  send({ reply }) {
    reply.header('content-type', 'text/html; charset=utf-8');
  },
};

/**
 * The session behind the account's tokens ends before its time: this call and later ones with an old token are refused, this one with
 * the `status` and in the `message` of the fault's own, if it has any.
 */
export const tokenRevoked: FaultKind = {
  before({ context: { account, clock, control }, request, parameters }) {
    const { entry, correlationId } = request.call;
    account.tokens.revokeAll();
    const { status = control.quirks.deadTokenStatus, message = deadToken } = parameters as {
      status?: number;
      message?: string;
    };
    return { status, body: platformError(status, message, entry.path, correlationId, clock.now()) };
  },
};
