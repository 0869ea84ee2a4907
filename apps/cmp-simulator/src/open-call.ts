import type { FastifyInstance } from 'fastify';
import type { Simulator } from './simulator.ts';
import { CmpRefusal, gatewayError } from './wire/errors.ts';

const missingKey =
  'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.';
const invalidKey =
  'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.';

export const deadToken = 'Access token is missing, expired or invalid';

/**
 * What stands in front of every resource, in this order: the gateway's key, the key's limits, the platform's token.
 * Also numbers the call (`X-Correlation-ID`) and logs it.
 */
export function openCall(scope: FastifyInstance, simulator: Simulator): void {
  scope.addHook('onRequest', async (request, reply) => {
    const correlationId = simulator.nextCorrelationId();
    void reply.header('X-Correlation-ID', correlationId);
    const path = request.url.replace(/^\/marketplace\/[^/?]+/, '').replace(/\?.*$/, '');
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const query = { ...(request.query as Record<string, unknown>) };
    const entry = simulator.log.open({ method: request.method, path, query, correlationId, token: bearer });

    const key = request.headers['x-subscription-key'];
    const account = simulator.accounts.find(({ options }) => options.subscriptionKey === key);
    request.call = {
      account: account ?? simulator.account(),
      entry,
      correlationId,
      faults: [],
      placement: {},
    };
    if (!account) return reply.code(401).send(gatewayError(401, key ? invalidKey : missingKey));
    entry.account = account.options.marketplace;

    const exceeded = account.limiter.take(Date.now());
    if (exceeded) {
      const { retryAfterSeconds } = exceeded;
      if (account.limiter.limits.retryAfterHeader)
        void reply.header('Retry-After', String(retryAfterSeconds));
      if (exceeded.exceeded === 'minute')
        return reply
          .code(429)
          .send(gatewayError(429, `Rate limit is exceeded. Try again in ${retryAfterSeconds} seconds.`));
      const left = [retryAfterSeconds / 3600, (retryAfterSeconds / 60) % 60, retryAfterSeconds % 60]
        .map((part) => String(Math.floor(part)).padStart(2, '0'))
        .join(':');
      return reply
        .code(403)
        .send(gatewayError(403, `Out of call volume quota. Quota will be replenished in ${left}.`));
    }
    if (path !== '/token' && !(bearer && account.tokens.accepts(bearer, Date.now())))
      throw new CmpRefusal(simulator.quirks.deadTokenStatus, deadToken);
  });

  scope.addHook('onResponse', async (request, reply) => {
    const { entry } = request.call;
    entry.status = reply.statusCode;
    entry.ms = Math.round(reply.elapsedTime);
  });
}
