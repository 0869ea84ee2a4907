import { DomainError } from '@isthmus/domain';
import { inTenant } from '../database/tenant-scope.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem, problemForStatus } from '../http/problem.ts';
import type { RateLimits } from '../http/rate-limits.ts';
import type { ApiKeyIdentity, ApiKeyVerifier, Principal, Role, RouteAccess } from './access.ts';
import { unauthenticated, type VerifyToken } from './verify-token.ts';

/** A route was declared without an access rule. */
export class UnguardedRoutes extends DomainError {
  static override readonly code = 'kit.unguarded-routes';

  constructor(routes: readonly string[]) {
    super(
      `Routes without an access rule: ${routes.join(', ')}. Put @Allow('viewer'), @Allow('finance'), @Allow('operator') or @Allow('admin') on the ` +
        `handler, @AllowApiKey() if the service has apiKeys, or @Open() if it is public by nature.`,
    );
  }
}

/** Routes that change something without declaring their audit entry. */
export class UnauditedRoutes extends DomainError {
  static override readonly code = 'kit.unaudited-routes';

  constructor(routes: readonly string[]) {
    super(
      `Routes that change something and declare no audit entry: ${routes.join(', ')}. Put @Audited('<noun>.<verb>') on the handler, ` +
        `or @NotAudited('<why>').`,
    );
  }
}

/** Source of the API key verifier, which exists only once the application does. */
interface ApiKeySource {
  header: string;
  verifier: () => ApiKeyVerifier;
}

/**
 * Checks the caller of every route before its body is read.
 * @returns a check to run when all routes are known; it throws UnguardedRoutes
 */
export function guardRoutes(
  server: FastifyInstance,
  verify: VerifyToken,
  limits: RateLimits,
  keys?: ApiKeySource,
): () => void {
  const unguarded: string[] = [];
  server.addHook('onRoute', ({ method, url, config }) => {
    const access = (config as RouteAccess | undefined)?.access;
    if ((access === undefined || (access === 'api-key' && !keys)) && method !== 'HEAD')
      unguarded.push(`${String(method)} ${url}`);
  });
  server.addHook('onRequest', async (request, reply) => {
    const { access } = request.routeOptions.config as RouteAccess;
    if (access === undefined || access === 'open') return;
    if (access === 'api-key') {
      request.apiKeyIdentity = await keyHolder(request, reply, keys!, limits);
      await limits.spendFor(reply, request.apiKeyIdentity);
      return;
    }
    try {
      request.principal = await userOf(request, reply, verify, limits);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        const fault = request.headers.authorization ? ', error="invalid_token"' : '';
        void reply.header('www-authenticate', `Bearer realm="isthmus"${fault}`);
      }
      throw error;
    }
    await limits.spendFor(reply, request.principal);
    if (!request.principal.may(access)) throw forbidden(access);
  });
  // Not before the body has been read, which resumes in the socket's async context.
  server.addHook('preHandler', ({ principal, apiKeyIdentity }, _reply, done) => {
    const caller = principal ?? apiKeyIdentity;
    if (caller) inTenant(caller.tenantId, done);
    else done();
  });
  return () => {
    if (unguarded.length > 0) throw new UnguardedRoutes(unguarded);
  };
}

const changing = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Collects the routes of a service with an audit log.
 * @returns a check to run when all routes are known; it throws UnauditedRoutes
 */
export function requireAuditDeclarations(server: FastifyInstance): () => void {
  const undeclared: string[] = [];
  server.addHook('onRoute', ({ method, url, config }) => {
    const { audited, notAudited } = (config as RouteAccess | undefined) ?? {};
    const changes = [method].flat().some((one) => changing.has(one));
    if (changes && !audited && !notAudited) undeclared.push(`${String(method)} ${url}`);
  });
  return () => {
    if (undeclared.length > 0) throw new UnauditedRoutes(undeclared);
  };
}

async function userOf(
  request: FastifyRequest,
  reply: FastifyReply,
  verify: VerifyToken,
  limits: RateLimits,
): Promise<Principal> {
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) {
    const sent = request.headers.authorization !== undefined;
    throw unauthenticated(
      sent ? 'The Authorization header contains no bearer token.' : 'The request has no token.',
    );
  }
  return verify.known(token) ?? verified(() => verify.check(token), request, reply, limits);
}

async function keyHolder(
  request: FastifyRequest,
  reply: FastifyReply,
  { header, verifier }: ApiKeySource,
  limits: RateLimits,
): Promise<ApiKeyIdentity> {
  const sent = request.headers[header];
  const key = typeof sent === 'string' ? sent : undefined;
  if (key === undefined) return verifier().verify(key);
  return verifier().known?.(key) ?? verified(() => verifier().verify(key), request, reply, limits);
}

/** Verifies credentials, unless too many wrong ones came from there. */
async function verified<T>(
  check: () => Promise<T>,
  request: FastifyRequest,
  reply: FastifyReply,
  limits: RateLimits,
): Promise<T> {
  await limits.refuseGuessing(request, reply);
  try {
    return await check();
  } catch (error) {
    if (error instanceof Problem && (error.status === 401 || error.status === 403))
      await limits.recordFailure(request);
    throw error;
  }
}

function forbidden(role: Role): Problem {
  return problemForStatus(403, `This requires the role "${role}".`);
}
