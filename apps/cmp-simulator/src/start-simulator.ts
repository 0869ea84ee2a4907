import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { Account } from './account.ts';
import { plans, products } from './catalogue/products.ts';
import { type Control, controlOf } from './control/control-client.ts';
import { controlRoutes } from './control/control-routes.ts';
import type { RequestEntry } from './control/records.ts';
import { customers, resellers } from './customers/customers.ts';
import { applyFaults } from './faults/apply-faults.ts';
import type { ArmedFault } from './faults/fault-book.ts';
import type { Placement } from './orders/order-course.ts';
import { estimate, orders, validation } from './orders/orders.ts';
import { blobStore, reports } from './reports/reports.ts';
import type { SimulatorOptions } from './simulator-options.ts';
import { Simulator } from './simulator.ts';
import { subscriptions } from './subscriptions/subscriptions.ts';
import { token } from './wire/access.ts';
import { CmpRefusal, deadToken, frameworkError, gatewayError, platformError } from './wire/errors.ts';

/** A simulator that listens. */
export interface RunningSimulator {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  /** What to configure as the base address of the API: `{url}/marketplace/na`. */
  apiUrl: string;
  control: Control;
  app: FastifyInstance;
  /** Ends it and all its connections. */
  close(): Promise<void>;
}

/** Builds the worlds and listens; resolves once it takes calls. The first account's world is built now, others when first used. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const simulator = new Simulator(options);
  simulator.account().world.now();
  const app = buildApp(simulator);
  const url = await app.listen({ port: options.port ?? 0, host: options.host ?? '127.0.0.1' });
  return { url, apiUrl: `${url}/marketplace/na`, control: controlOf(url), app, close: () => app.close() };
}

/** The HTTP side of a simulator: the marketplace, the store its reports are downloaded from, and the control calls. */
function buildApp(simulator: Simulator): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true, bodyLimit: 4 * 1024 * 1024 });
  app.removeAllContentTypeParsers();
  // Regardless of the content type, a body is JSON or empty.
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : JSON.parse(body as string));
    } catch (cause) {
      done(Object.assign(new Error('The body is not JSON.', { cause }), { statusCode: 400 }));
    }
  });
  void app.register(marketplace(simulator), { prefix: '/marketplace/:region' });
  void app.register(blobStore(simulator), { prefix: '/_blob' });
  void app.register(controlRoutes(simulator), { prefix: '/_control' });
  return app;
}

const resources = [
  token,
  customers,
  products,
  subscriptions,
  estimate,
  orders,
  validation,
  reports,
  plans,
  resellers,
];

/** CMP itself, under `/marketplace/{region}`: any region is served. */
function marketplace(simulator: Simulator) {
  return (scope: FastifyInstance, _options: object, done: () => void): void => {
    scope.decorateRequest('call');
    admitCall(scope, simulator);
    applyFaults(scope, simulator);
    for (const resource of resources) resource(scope, simulator);
    scope.setErrorHandler((error: FastifyError | CmpRefusal, request, reply) =>
      sendError(simulator, error, request, reply),
    );
    scope.setNotFoundHandler((request, reply) => {
      const { entry, correlationId } = request.call;
      return reply
        .code(404)
        .send(frameworkError(404, 'Not Found', entry.path, correlationId, simulator.clock.now()));
    });
    done();
  };
}

function sendError(
  simulator: Simulator,
  error: FastifyError | CmpRefusal,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { entry, correlationId } = request.call;
  const now = simulator.clock.now();
  if (error instanceof CmpRefusal)
    return reply
      .code(error.status)
      .send(platformError(error.status, error.message, entry.path, correlationId, now));
  if (error.statusCode === 400)
    return reply.code(400).send(frameworkError(400, 'Bad Request', entry.path, correlationId, now));
  process.stderr.write(`cmp-simulator: ${request.method} ${entry.path} failed: ${error.stack}\n`);
  return reply
    .code(500)
    .send(platformError(500, `Simulator defect: ${error.message}`, entry.path, correlationId, now));
}

const missingKey =
  'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.';
const invalidKey =
  'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.';

/**
 * What runs before every resource, in this order: the gateway's key, the key's limits, the platform's token. Also numbers
 * the call (`X-Correlation-ID`) and logs it.
 */
function admitCall(scope: FastifyInstance, simulator: Simulator): void {
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

/** One request to the marketplace on its way through the simulator. */
interface Call {
  account: Account;
  entry: RequestEntry;
  correlationId: string;
  /** Faults that apply to it, in the order they were armed. */
  faults: ArmedFault[];
  /** How faults change the placing of an order. */
  placement: Placement;
}

declare module 'fastify' {
  interface FastifyRequest {
    call: Call;
  }
}
