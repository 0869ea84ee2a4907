import { inspect } from 'node:util';
import { defaultAssumptions } from '../assumptions.ts';
import type { CmpError } from '../errors.ts';
import type { CmpRequest, HttpResponse } from './exchange.ts';
import { type CmpResponse, interpretResponse, isClearRefusal } from './interpret-response.ts';
import { Secrets } from './secrets.ts';

const secrets = new Secrets('p4ss"word', '5f1e0c7a9b3d42e68a10c4d7e2f9b6a1');
const now = Date.UTC(2026, 0, 1);
const read: CmpRequest = {
  operation: 'subscriptions.get',
  method: 'GET',
  path: '/subscriptions/1',
  timeoutMs: 1,
  harmless: true,
  retried: true,
  renewed: true,
};
const place: CmpRequest = { ...read, operation: 'orders.place', method: 'POST', harmless: false };
const token: CmpRequest = { ...read, operation: 'token', method: 'POST' };

function interpreted(
  request: CmpRequest,
  status: number,
  body: unknown,
  headers: HttpResponse['headers'] = {},
): CmpResponse | CmpError {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  try {
    return interpretResponse(
      request,
      { status, headers, text },
      { assumptions: defaultAssumptions, secrets, now },
    );
  } catch (error) {
    return error as CmpError;
  }
}

const platform = (status: number, message: string) => ({
  timeStamp: '2023-02-22T07:45:08.223+00:00',
  status,
  message,
  path: '/orders',
  correlationId: 'a8n-54bc6dc3',
});
const framework = (status: number, error: string) => ({
  timestamp: 1,
  status,
  error,
  path: '/x',
  correlationId: 'a8n-2',
});
const gateway = (statusCode: number, message: string) => ({ statusCode, message });
const html = (title: string) => `<html><head><title>${title}</title></head><body>...</body></html>`;

describe('interpretResponse', () => {
  it('takes a good answer whatever its content type says', () => {
    const headers = { 'content-type': 'text/html', 'x-correlation-id': 'a8n-1' };
    expect(interpreted(read, 200, { id: '1' }, headers)).toEqual({
      body: { id: '1' },
      correlationId: 'a8n-1',
    });
  });

  it.each([
    ['a bad password', token, 401, platform(401, 'Bad credentials'), 'credentials'],
    ['a wrong marketplace', token, 401, platform(401, 'unknown marketplace "xx"'), 'marketplace'],
    [
      'a wrong key',
      read,
      401,
      gateway(401, 'Access denied due to invalid subscription key. Make sure …'),
      'subscription-key',
    ],
    ['a missing right', read, 403, platform(403, 'Forbidden'), 'permission'],
    [
      'a used-up day',
      read,
      403,
      gateway(403, 'Out of call volume quota. Quota will be replenished in 01:02:03.'),
      'quota',
    ],
    ['an unknown id', read, 404, platform(404, 'Not Found'), 'not-found'],
    ['an unknown id in the framework’s words', read, 404, framework(404, 'Not Found'), 'not-found'],
    ['an unknown id as 400', read, 400, platform(400, 'No entity has been found by id 5'), 'not-found'],
    ['a wrong path', read, 404, html('404 Not Found'), 'wrong-url'],
    ['an unknown API', read, 404, gateway(404, 'Resource not found'), 'wrong-url'],
    ['a redirect', read, 302, '', 'wrong-url'],
    ['bad input', place, 400, platform(400, 'quantity must be positive'), 'validation'],
    ['a conflict', place, 409, platform(409, 'conflict'), 'conflict'],
  ])(
    'reads %s as a refusal of its own category, in which nothing was done',
    (_, request, status, body, category) => {
      expect(interpreted(request, status, body)).toMatchObject({
        code: 'cmp.rejected',
        category,
        outcome: request === token ? 'not-sent' : 'refused',
        httpStatus: status,
      });
    },
  );

  it('keeps CMP’s words and correlation id in the error and in its message', () => {
    const error = interpreted(place, 400, platform(400, 'quantity must be positive')) as CmpError;
    expect(error).toMatchObject({ cmpMessage: 'quantity must be positive', correlationId: 'a8n-54bc6dc3' });
    expect(error.message).toContain('quantity must be positive');
    expect(error.message).toContain('a8n-54bc6dc3');
  });

  it.each([
    [{ 'retry-after': '7' }, 'Rate limit is exceeded.', 7000],
    [{ 'retry-after': new Date(now + 5000).toUTCString() }, 'Rate limit is exceeded.', 5000],
    [{}, 'Rate limit is exceeded. Try again in 60 seconds.', 60_000],
    [{}, 'Too many requests', 10_000],
  ])('knows from %j and "%s" to wait %i ms', (headers, message, retryAfterMs) => {
    expect(interpreted(read, 429, gateway(429, message), headers)).toMatchObject({
      code: 'cmp.throttled',
      retryAfterMs,
      outcome: 'refused',
    });
  });

  it('reads the wait of a used-up day', () => {
    const error = interpreted(
      read,
      403,
      gateway(403, 'Out of call volume quota. Quota will be replenished in 01:02:03.'),
    );
    expect(error).toMatchObject({ retryAfterMs: 3_723_000 });
  });

  it.each([
    [
      'a business refusal it knows',
      platform(
        500,
        'there is already an Upgrade/Downgrade Order #CH1. This order prohibits placing an order of the same type',
      ),
      'cmp.rejected',
      'refused',
    ],
    [
      'a business refusal it does not know',
      platform(500, 'Quantity decrease is not allowed'),
      'cmp.rejected',
      'unknown',
    ],
    ['an internal error', platform(500, 'Internal Server Error'), 'cmp.unavailable', 'unknown'],
    ['a framework error', framework(500, 'Internal Server Error'), 'cmp.unavailable', 'unknown'],
    ['an HTML page', html('500'), 'cmp.unavailable', 'unknown'],
  ])('after a 500 with %s says whether the order may have been placed', (_, body, code, outcome) => {
    expect(interpreted(place, 500, body)).toMatchObject({ code, outcome });
  });

  it.each([502, 503, 504])('after a %i an order may have been placed', (status) => {
    expect(interpreted(place, status, html(`${status}`))).toMatchObject({
      code: 'cmp.unavailable',
      outcome: 'unknown',
      reason: 'server-error',
    });
  });

  it.each([
    ['an HTML page', html('408 Request Timeout')],
    ['words of the platform', platform(408, 'Request Timeout')],
    ['words of the gateway', gateway(408, 'Request Timeout')],
    ['nothing', ''],
  ])('after a 408 with %s an order may have been placed', (_, body) => {
    expect(interpreted(place, 408, body)).toMatchObject({
      code: 'cmp.unavailable',
      outcome: 'unknown',
      reason: 'timeout',
    });
  });

  it('finds the error inside a 200', () => {
    expect(interpreted(read, 200, platform(400, 'no'))).toMatchObject({
      code: 'cmp.rejected',
      category: 'validation',
    });
    expect(interpreted(place, 200, platform(500, 'Internal Server Error'))).toMatchObject({
      code: 'cmp.unavailable',
      outcome: 'unknown',
    });
    expect(
      interpreted(read, 200, { id: '1', status: 'processing', statusCode: 'LO', message: 'x' }),
    ).toMatchObject({ body: { id: '1' } });
  });

  it.each([
    ['an HTML page', html('Sign in'), 'an HTML page instead of JSON'],
    ['half a body', '{"data":[{"id":"1"', 'not JSON'],
    ['nothing', '', 'an empty body'],
  ])('calls %s with 200 a broken contract and keeps its head', (_, body, reason) => {
    expect(interpreted(place, 200, body)).toMatchObject({
      code: 'cmp.contract-broken',
      reason,
      bodyHead: body,
      outcome: 'unknown',
    });
  });

  it('shows no secret that an answer echoes, in no part of the error', () => {
    const echo =
      'key 5f1e0c7a9b3d42e68a10c4d7e2f9b6a1 Bearer abcdefghijk eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.sig p4ss"word';
    const bodies = [
      platform(400, echo),
      gateway(401, echo),
      html(echo),
      `${echo} {"token":"opaque-token-value"} "p4ss\\"word"`,
    ];
    for (const body of bodies) {
      for (const status of [200, 400, 500]) {
        const error = interpreted(place, status, body) as CmpError;
        const printed = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error) + error.stack;
        for (const secret of ['5f1e0c7a', 'abcdefghijk', 'eyJhbGci', 'p4ss', 'opaque-token-value']) {
          expect(printed).not.toContain(secret);
        }
      }
    }
  });

  it('keeps the head of a broken body short', () => {
    const error = interpreted(read, 200, `<html>${'x'.repeat(100_000)}`) as { bodyHead?: string } & CmpError;
    expect(error.bodyHead!.length).toBeLessThanOrEqual(300);
    expect(error.message.length).toBeLessThan(1000);
  });

  it.each([
    ['Cannot cancel Subscription #5: the cancellation window of 168 hours has expired.', true],
    ['The credit limit of the account is exceeded.', true],
    ['The maximum of 300 licences was REACHED: limit for this offer reached', true],
    ['Quantity decrease is not allowed outside of the cancellation window.', true],
    ['No entity has been found by id 5', true],
    ['Tenant domain is invalid.', true],
    ['Something about the account went wrong.', false],
    ['Error while processing your request', false],
    ['java.lang.IllegalStateException: invalid transition', false],
    ['Connection to the provisioning service is not allowed to wait: timed out', false],
    ['Service not found, please try again later', false],
  ])('tells by the words of a 500 whether "%s" clearly says no', (message, clear) => {
    expect(interpreted(place, 500, platform(500, message))).toMatchObject({ category: 'business', clear });
  });

  it('takes the phrases that a setting gives', () => {
    const phrases = ['kwota * przekroczona'];
    expect(isClearRefusal('Kwota klienta została przekroczona', phrases)).toBe(true);
    expect(isClearRefusal('przekroczona kwota', phrases)).toBe(false);
  });
});
