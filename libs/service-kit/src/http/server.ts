import { randomUUID } from 'node:crypto';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { ApiKeyVerifier, RouteAccess } from '../auth/access.ts';
import { guardRoutes } from '../auth/guard-routes.ts';
import { tokenVerifier } from '../auth/verify-token.ts';
import type { ServiceEnv } from '../service-env.ts';
import type { ServiceOptions } from '../service-options.ts';
import { observeRequests } from '../telemetry/observe-requests.ts';
import { Answer } from './answer.ts';
import { acceptJsonOnly } from './json-body.ts';
import { problemSender, type ProblemSender } from './problem-filter.ts';
import { problemForStatus } from './problem.ts';
import { endEventStreams } from './sse.ts';

/** Nest would put its own handlers over the kit's; Fastify allows only one of each. */
class KitAdapter extends FastifyAdapter {
  override setErrorHandler(): never {
    return undefined as never;
  }
  override setNotFoundHandler(): never {
    return undefined as never;
  }
}

export interface HttpServer {
  adapter: FastifyAdapter;
  send: ProblemSender;
  /** Throws UnguardedRoutes; to be called once all routes are registered. */
  checkRoutes: () => void;
  /** To be called once there is an application to take the verifier of API keys from. */
  verifyKeysBy: (verifier: ApiKeyVerifier) => void;
}

/** The Fastify server every service has: limits, problem answers, authentication, spans, correlation. */
export function createServer(
  env: ServiceEnv,
  options: Pick<ServiceOptions, 'problems' | 'http' | 'apiKeys'>,
  log: Logger,
): HttpServer {
  const adapter = new KitAdapter({
    bodyLimit: env.BODY_LIMIT,
    requestIdHeader: false,
    genReqId: ({ headers }) => correlationIdOf(headers['x-correlation-id']),
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    keepAliveTimeout: 65_000,
    requestTimeout: 30_000,
    skipMiddie: true,
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 500 },
    frameworkErrors: (error: Error, request: unknown, reply: unknown) =>
      send(error, request as FastifyRequest, reply as FastifyReply),
  } as FastifyHttpOptions<never> as never);
  const send = problemSender(log, {
    statuses: options.problems ?? {},
    databasePort: portIn(env.DATABASE_URL),
  });
  const server = adapter.getInstance() as unknown as FastifyInstance;
  observeRequests(server);
  addRequestHooks(server);
  gracefulShutdown(server);
  if (options.http === 'health-only') serveHealthOnly(server);
  const verify = tokenVerifier({
    issuer: env.OIDC_ISSUER,
    audience: env.OIDC_AUDIENCE,
    jwksUrl: env.OIDC_JWKS_URL,
  });
  let keyVerifier: ApiKeyVerifier | undefined;
  const keys = options.apiKeys && { header: options.apiKeys.header, verifier: () => keyVerifier! };
  const checkRoutes = guardRoutes(server, verify, keys);
  acceptJsonOnly(server, { depth: env.JSON_DEPTH_LIMIT, arrayLength: env.JSON_ARRAY_LIMIT });
  server.setErrorHandler((error, request, reply) => send(error, request, reply));
  server.setNotFoundHandler(respondToUnknownRoutes(server, send));
  return { adapter, send, checkRoutes, verifyKeysBy: (verifier) => (keyVerifier = verifier) };
}

function portIn(databaseUrl: string): number {
  return Number(new URL(databaseUrl).port || 5432);
}

const acceptable = /(^|,)\s*(\*\/\*|application\/(\*|json|problem\+json))\s*(;|,|$)/i;
const correlationForm = /^[\w.:/-]{8,128}$/;

/** The caller's correlation id when it has a harmless form, else a new one. */
function correlationIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && correlationForm.test(given) ? given : randomUUID();
}

/** What every request goes through before its handler, and every answer before it leaves. */
function addRequestHooks(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-correlation-id', request.id);
    if (request.url.includes('%00')) return done(problemForStatus(400, 'The address has a NUL character.'));
    const { accept } = request.headers;
    const { produces } = request.routeOptions.config as RouteAccess;
    if (
      accept !== undefined &&
      !acceptable.test(accept) &&
      !produces?.some((type) => accept.includes(type) || accept.includes(`${type.split('/')[0]}/*`))
    ) {
      return done(problemForStatus(406, `This answers ${produces?.join(', ') ?? 'application/json'}.`));
    }
    done();
  });
  // Without a body there is nothing to parse, but a wrong Content-Type is a wrong Content-Type.
  server.addHook('preSerialization', (_request, reply, payload, done) => {
    if (!(payload instanceof Answer)) return done(null, payload);
    void reply.status(payload.status).headers(payload.headers);
    done(null, payload.body === undefined ? null : payload.body);
  });
}

/** Tells a wrong address (404) from a wrong method at a right one (405 with `Allow`). */
function respondToUnknownRoutes(
  server: FastifyInstance,
  send: ProblemSender,
): (request: FastifyRequest, reply: FastifyReply) => void {
  const routes: { methods: string[]; pattern: RegExp }[] = [];
  server.addHook('onRoute', ({ method, url }) => {
    routes.push({ methods: [method].flat(), pattern: routePattern(url) });
  });
  return (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = [
      ...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods)),
    ];
    if (methods.length === 0) {
      send(
        problemForStatus(404, `There is nothing at ${path}; GET /openapi.json lists what there is.`),
        request,
        reply,
      );
      return;
    }
    void reply.header('allow', methods.join(', '));
    send(problemForStatus(405, `${path} answers ${methods.join(', ')}.`), request, reply);
  };
}

function routePattern(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) =>
      part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('/');
  return new RegExp(`^${source}/?$`);
}

/** A worker may share its module with the API of its service but serves none of it. */
function serveHealthOnly(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const { url = '' } = request.routeOptions;
    if (url.startsWith('/healthz/') || url === '/metrics') return done();
    done(
      problemForStatus(404, 'This is a worker; it answers /healthz/live, /healthz/ready and /metrics only.'),
    );
  });
}

/**
 * Lets a server that closes finish what it has begun and nothing else: event streams end, and answers still to be sent
 * tell the client to let go of its connection, which would otherwise keep the server open until the client tires of it.
 */
function gracefulShutdown(server: FastifyInstance): void {
  let closing = false;
  server.addHook('preClose', (done) => {
    closing = true;
    endEventStreams();
    done();
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done(null, payload);
  });
}
