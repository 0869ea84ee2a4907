import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { ApiKeyVerifier } from '../auth/api-key.ts';
import { guardRoutes } from '../auth/guard-routes.ts';
import { tokenVerifier } from '../auth/verify-token.ts';
import type { ServiceEnv } from '../service-env.ts';
import type { ServiceOptions } from '../service-options.ts';
import { observeRequests } from '../telemetry/observe-requests.ts';
import { acceptJsonOnly } from './json-body.ts';
import { closeGently } from './close-gently.ts';
import { answerHealthOnly } from './health-only.ts';
import { addRequestHooks, correlationIdOf } from './request-hooks.ts';
import { problemSender, type ProblemSender } from './send-problem.ts';
import { answerUnknownRoutes } from './unknown-routes.ts';

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
    databasePort: portOf(env.DATABASE_URL),
  });
  const server = adapter.getInstance() as unknown as FastifyInstance;
  observeRequests(server);
  addRequestHooks(server);
  closeGently(server);
  if (options.http === 'health-only') answerHealthOnly(server);
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
  server.setNotFoundHandler(answerUnknownRoutes(server, send));
  return { adapter, send, checkRoutes, verifyKeysBy: (verifier) => (keyVerifier = verifier) };
}

function portOf(databaseUrl: string): number {
  return Number(new URL(databaseUrl).port || 5432);
}
