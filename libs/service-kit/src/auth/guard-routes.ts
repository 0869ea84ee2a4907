import { DomainError } from '@isthmus/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiKeyVerifier, Role, RouteAccess } from './access.ts';
import { inTenant } from '../database/tenant-scope.ts';
import { Problem, problemForStatus } from '../http/problem.ts';
import { unauthenticated, type VerifyToken } from './verify-token.ts';

/** A route was declared without an access rule. */
export class UnguardedRoutes extends DomainError {
  static override readonly code = 'kit.unguarded-routes';

  constructor(routes: readonly string[]) {
    super(
      `Routes without an access rule: ${routes.join(', ')}. Put @Allow('viewer'), @Allow('operator') or @Allow('admin') on the ` +
        `handler, @AllowApiKey() if the service has apiKeys, or @Open() if it is public by nature.`,
    );
  }
}

/** Where API keys come in; the verifier exists only once the application does. */
interface ApiKeySource {
  header: string;
  verifier: () => ApiKeyVerifier;
}

/**
 * Checks the caller of every route before its body is read.
 * @returns a check to run when all routes are known; it throws UnguardedRoutes
 */
export function guardRoutes(server: FastifyInstance, verify: VerifyToken, keys?: ApiKeySource): () => void {
  const unguarded: string[] = [];
  server.addHook('onRoute', ({ method, url, config }) => {
    const access = (config as RouteAccess | undefined)?.access;
    if ((access === undefined || (access === 'api-key' && !keys)) && method !== 'HEAD')
      unguarded.push(`${String(method)} ${url}`);
  });
  server.addHook('onRequest', (request, reply, done) => {
    const { access } = request.routeOptions.config as RouteAccess;
    if (access === undefined || access === 'open') return done();
    if (access === 'api-key') {
      authenticateKey(request, keys!).then(() => done(), done);
      return;
    }
    const admitted = authenticate(request, access, verify);
    if (admitted === undefined) return done();
    admitted.then(
      () => done(),
      (error: unknown) => {
        if (error instanceof Problem && error.status === 401) {
          const fault = request.headers.authorization ? ', error="invalid_token"' : '';
          void reply.header('www-authenticate', `Bearer realm="isthmus"${fault}`);
        }
        done(error as Error);
      },
    );
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

/** Sets `request.principal`; returns a promise only when there is something to wait for or to refuse. */
function authenticate(request: FastifyRequest, role: Role, verify: VerifyToken): Promise<void> | undefined {
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) {
    const sent = request.headers.authorization !== undefined;
    return Promise.reject(
      unauthenticated(
        sent ? 'The Authorization header contains no bearer token.' : 'The request has no token.',
      ),
    );
  }
  const known = verify(token);
  if (known instanceof Promise) {
    return known.then((principal) => {
      request.principal = principal;
      if (!principal.may(role)) throw forbidden(role);
    });
  }
  request.principal = known;
  return known.may(role) ? undefined : Promise.reject(forbidden(role));
}

async function authenticateKey(request: FastifyRequest, { header, verifier }: ApiKeySource): Promise<void> {
  const sent = request.headers[header];
  request.apiKeyIdentity = await verifier().verify(typeof sent === 'string' ? sent : undefined);
}

function forbidden(role: Role): Problem {
  return problemForStatus(403, `This requires the role "${role}".`);
}
