import type { FastifyError, FastifyInstance } from 'fastify';
import type { CustomerState } from '../customers/customer.ts';
import { customerIndex } from '../customers/customers.ts';
import type { BrokenRecord } from '../faults/broken-records.ts';
import type { FaultOrder } from '../faults/fault-book.ts';
import { fail, release } from '../orders/order-course.ts';
import { orderDetail } from '../orders/orders.ts';
import type { Quirks } from '../quirks.ts';
import { oddWords, type ReportOddities, usualOddities } from '../reports/report.ts';
import type { Rebuild, Simulator } from '../simulator.ts';
import { subscriptionDetail } from '../subscriptions/subscriptions.ts';
import type { Limits } from '../wire/access.ts';
import { CmpRefusal } from '../wire/errors.ts';
import type { World } from '../world/world.ts';
import {
  addCustomers,
  buySubscription,
  patchCustomer,
  patchProduct,
  patchSubscription,
  type ProductPatch,
  type Purchase,
  removeCustomer,
  removeSubscription,
  type SubscriptionPatch,
  withdrawProduct,
} from './portal.ts';

/** `/_control`: what CMP does not offer. No credentials; never expose it where the marketplace is exposed. */
export function controlRoutes(simulator: Simulator) {
  return (scope: FastifyInstance, _options: object, done: () => void): void => {
    for (const routes of [worldRoutes, faultRoutes, recordRoutes, portalRoutes, reportRoutes])
      routes(scope, simulator);
    scope.setErrorHandler((error: FastifyError, _request, reply) => {
      const status =
        error instanceof RangeError ? 400 : error instanceof CmpRefusal ? 409 : (error.statusCode ?? 500);
      return reply.code(status).send({ error: error.message });
    });
    done();
  };
}

/** @throws RangeError if it is not a limit: a word would compare with nothing and refuse every call. */
function checkedLimits(limits: Partial<Limits>): Partial<Limits> {
  for (const name of ['perMinute', 'perDay'] as const) {
    const value = limits[name];
    if (value !== undefined && value !== null && !(Number.isInteger(value) && value >= 0))
      throw new RangeError(`${name} must be a whole number, or null for no limit.`);
  }
  return limits;
}

/** Accounts, their worlds, time, limits and tokens. */
function worldRoutes(app: FastifyInstance, simulator: Simulator): void {
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

/** What was observed: every call, and every order that was created by one. */
function recordRoutes(app: FastifyInstance, simulator: Simulator): void {
  app.get<{ Querystring: { account?: string } }>('/ledger', ({ query }) => {
    // Due events happen first, so that the ledger is up to date.
    for (const account of simulator.accounts) account.settle();
    const marketplace =
      query.account === undefined ? undefined : simulator.account(query.account).options.marketplace;
    return simulator.ledger.entries().filter(({ account }) => (marketplace ?? account) === account);
  });
  app.get('/requests', () => simulator.log.entries);
  app.delete('/requests', () => {
    simulator.log.clear();
    return {};
  });
}

/** Faults and broken records: arm, list, clear. */
function faultRoutes(app: FastifyInstance, simulator: Simulator): void {
  app.get('/faults', () => simulator.faults.armed);
  app.post<{ Body: FaultOrder }>('/faults', ({ body }) => simulator.faults.arm(body));
  app.delete('/faults', () => ({ cleared: simulator.faults.clear() }));
  app.delete<{ Params: { id: string } }>('/faults/:id', ({ params }) => ({
    cleared: simulator.faults.clear(Number(params.id)),
  }));

  app.get('/broken-records', () => simulator.broken.records);
  app.post<{ Body: Omit<BrokenRecord, 'account'> & { account?: string } }>('/broken-records', ({ body }) => {
    const record = { ...body, account: simulator.account(body.account).options.marketplace };
    simulator.broken.add(record);
    return record;
  });
  app.delete('/broken-records', () => ({ cleared: simulator.broken.records.splice(0).length }));
}

/** How the files of reports are spoilt: read, change, reset. */
function reportRoutes(app: FastifyInstance, simulator: Simulator): void {
  const findOddities = (account?: string) => simulator.account(account).world.reportOddities;
  app.get<{ Querystring: { account?: string } }>('/report-oddities', ({ query }) =>
    findOddities(query.account),
  );
  app.post<{ Body: Partial<ReportOddities> & { account?: string } }>(
    '/report-oddities',
    ({ body: { account, ...change } }) => {
      for (const [name, value] of Object.entries(change)) check(name, value);
      return Object.assign(findOddities(account), change);
    },
  );
  app.delete<{ Querystring: { account?: string } }>('/report-oddities', ({ query }) =>
    Object.assign(findOddities(query.account), usualOddities()),
  );
}

function check(name: string, value: unknown): void {
  const usual: Readonly<Record<string, unknown>> = { ...usualOddities() };
  if (!Object.hasOwn(usual, name))
    throw new RangeError(`There is no oddity ${name}. Known: ${Object.keys(usual).join(', ')}.`);
  const words = Object.hasOwn(oddWords, name) ? oddWords[name as keyof typeof oddWords] : undefined;
  if (words && !(words as readonly unknown[]).includes(value))
    throw new RangeError(`${name} is one of ${words.map((word) => JSON.stringify(word)).join(', ')}.`);
  if (typeof value !== typeof usual[name] || Array.isArray(value) !== Array.isArray(usual[name]))
    throw new RangeError(`${name} must have the type of ${JSON.stringify(usual[name])}.`);
}

type Of = { account?: string | undefined };
type ById<B> = { Params: { id: string }; Body: B & Of; Querystring: Of };

/** What people do in the portal, bypassing the API: customers, products, subscriptions, and the orders that wait for them. */
function portalRoutes(app: FastifyInstance, simulator: Simulator): void {
  const findWorld = (name: string | undefined): World => simulator.account(name).world;

  app.post<{ Body: { count?: number } & Partial<CustomerState> & Of }>(
    '/customers',
    ({ body: { account, count = 1, ...like } }) => addCustomers(findWorld(account), count, like),
  );
  app.post<ById<Partial<CustomerState>>>('/customers/:id', ({ params, body: { account, ...fields } }) =>
    patchCustomer(findWorld(account), params.id, fields),
  );
  app.post<ById<object>>('/customers/:id/accept', ({ params, body }) => {
    const world = findWorld(body?.account);
    customerIndex(world, params.id);
    world.accepted.add(params.id);
    return {};
  });
  app.delete<ById<object>>('/customers/:id', ({ params, query }) => {
    const world = findWorld(query.account);
    customerIndex(world, params.id);
    removeCustomer(world, params.id);
    return {};
  });

  app.post<{ Body: Purchase & Of }>('/subscriptions', ({ body: { account, ...purchase } }) => {
    const world = findWorld(account);
    return subscriptionDetail(world, buySubscription(world, purchase));
  });
  app.post<ById<SubscriptionPatch>>('/subscriptions/:id', ({ params, body: { account, ...patch } }) => {
    const world = findWorld(account);
    return subscriptionDetail(world, patchSubscription(world, params.id, patch));
  });
  app.delete<ById<object>>('/subscriptions/:id', ({ params, query }) => {
    removeSubscription(findWorld(query.account), params.id);
    return {};
  });

  app.post<ById<ProductPatch>>('/products/:id', ({ params, body: { account, ...patch } }) =>
    patchProduct(findWorld(account), params.id, patch),
  );
  app.delete<ById<object>>('/products/:id', ({ params, query }) => {
    withdrawProduct(findWorld(query.account), params.id);
    return {};
  });

  app.post<ById<object>>('/orders/:id/confirm', ({ params, body }) => {
    const world = findWorld(body?.account);
    const order = world.orders.edit(params.id);
    release(world, order, world.now());
    return orderDetail(world.ground.currency, order);
  });
  app.post<ById<object>>('/orders/:id/fail', ({ params, body }) => {
    const world = findWorld(body?.account);
    const order = world.orders.edit(params.id);
    fail(world, order);
    return orderDetail(world.ground.currency, order);
  });
}
