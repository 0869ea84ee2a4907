import type { FastifyInstance } from 'fastify';
import type { Rebuild, Simulator } from '../simulator.ts';
import type { Limits } from '../wire/rate-limit.ts';
import type { Quirks } from '../quirks.ts';

/** @throws RangeError for what is no limit: a word would compare with nothing and refuse every call. */
function checkedLimits(limits: Partial<Limits>): Partial<Limits> {
  for (const name of ['perMinute', 'perDay'] as const) {
    const value = limits[name];
    if (value !== undefined && value !== null && !(Number.isInteger(value) && value >= 0))
      throw new RangeError(`${name} is a whole number, or null for no limit.`);
  }
  return limits;
}

/** Accounts, their worlds, time, limits and tokens. */
export function worldRoutes(app: FastifyInstance, simulator: Simulator): void {
  app.get('/accounts', () =>
    simulator.accounts.map(({ options, limiter }) => ({ ...options, limits: limiter.limits })),
  );

  app.post<{ Body: Rebuild }>('/world', ({ body }) => {
    simulator.rebuild(body);
    return { now: new Date(simulator.clock.now()).toISOString() };
  });

  const time = () => ({
    now: new Date(simulator.clock.now()).toISOString(),
    startedAt: new Date(simulator.clock.startedAt).toISOString(),
    running: simulator.clock.running,
  });
  app.get('/clock', time);
  app.post<{ Body: { advanceSeconds?: number; to?: string } }>('/clock', ({ body }) => {
    if (body.to !== undefined) simulator.clock.moveTo(Date.parse(body.to));
    if (body.advanceSeconds !== undefined) simulator.clock.advance(body.advanceSeconds);
    return time();
  });

  app.post<{ Body: Partial<Limits> & { account?: string } }>(
    '/limits',
    ({ body: { account, ...limits } }) => {
      for (const one of account === undefined ? simulator.accounts : [simulator.account(account)])
        Object.assign(one.limiter.limits, checkedLimits(limits));
      return simulator.account(account).limiter.limits;
    },
  );

  app.post<{ Body: { account?: string } }>('/tokens/revoke', ({ body }) => ({
    revoked: simulator.account(body.account).tokens.revokeAll(),
  }));

  app.get('/quirks', () => simulator.quirks);
  app.post<{ Body: Partial<Quirks> }>('/quirks', ({ body }) => Object.assign(simulator.quirks, body));
}
