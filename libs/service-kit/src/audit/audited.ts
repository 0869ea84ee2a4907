import type { FastifyInstance } from 'fastify';
import { accessOf, type RouteAccess, routeAccess } from '../auth/access.ts';

/** `<noun>.<verb>`, in the imperative: what was done to what. */
const actionShape = /^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/;

/** The route writes an entry of one of these actions when it succeeds and changes something. In the API document too. */
export function Audited(...actions: [string, ...string[]]): MethodDecorator {
  for (const action of actions)
    if (!actionShape.test(action))
      throw new Error(`"${action}" is no action of an audit log: say <noun>.<verb>.`);
  return routeAccess({ audited: actions });
}

/** The route changes nothing of a tenant, or another service's log has it. */
export function NotAudited(because: string): MethodDecorator {
  return routeAccess({ notAudited: because });
}

/** What a route declares of its audit entries. */
export const auditedActionsOf = (handler: object): readonly string[] => accessOf(handler).audited ?? [];

const changes = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Watches the routes of a service that keeps an audit log.
 * @returns a check to run when all routes are known; it throws UnauditedRoutes
 */
export function requireAuditDeclarations(server: FastifyInstance): () => void {
  const missing: string[] = [];
  server.addHook('onRoute', ({ method, url, config }) => {
    const { audited, notAudited } = (config as RouteAccess | undefined) ?? {};
    const mutating = [method].flat().some((one) => changes.has(one));
    if (mutating && !audited && !notAudited) missing.push(`${String(method)} ${url}`);
  });
  return () => {
    if (missing.length > 0) throw new UnauditedRoutes(missing);
  };
}

/** Routes that change something, and do not say what the audit log has of it. A mistake in the code, found at the start. */
export class UnauditedRoutes extends Error {
  override readonly name = 'UnauditedRoutes';
  readonly code = 'kit.unaudited-routes';

  constructor(routes: readonly string[]) {
    super(
      `Routes that change something and declare no audit entry: ${routes.join(', ')}. Put @Audited('<noun>.<verb>') on the handler, ` +
        `or @NotAudited('<why>').`,
    );
  }
}
