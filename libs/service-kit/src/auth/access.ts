import { createParamDecorator, type ExecutionContext, SetMetadata, type Type } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

/** `finance` matches rated lines and approves orders, and places none. docs/decisions/0146-finance.md */
export const roles = ['viewer', 'finance', 'operator', 'admin'] as const;

/** Each role includes the permissions of the previous ones. */
export type Role = (typeof roles)[number];

/** The caller, from a verified token. */
export class Principal {
  constructor(
    /** The token's `sub`. */
    readonly subject: string,
    /** The token's `tenant`, a UUID; every query is scoped by it. */
    readonly tenantId: string,
    readonly roles: readonly Role[],
    /** Expiry of the token, in milliseconds since 1970. */
    readonly expiresAt: number = Infinity,
    /** Whether the token was issued to a program in its own name, rather than for a person. */
    readonly isProgram: boolean = false,
  ) {}

  /** Null for a token whose roles mean nothing here. */
  get highestRole(): Role | null {
    return roles.findLast((role) => this.roles.includes(role)) ?? null;
  }

  may(role: Role): boolean {
    const needed = roles.indexOf(role);
    return this.roles.some((held) => roles.indexOf(held) >= needed);
  }
}

/**
 * The requirements of a route for its caller. They are in Fastify's route config and checked by a hook rather than a guard, so
 * that the body of an unauthenticated request is never read.
 */
export interface RouteAccess {
  /** The least role that may call it; `api-key` needs a key of the service's own instead of a token, `open` nothing. */
  access?: Role | 'api-key' | 'open';
  /** Media types it responds with, other than JSON. */
  produces?: readonly string[];
  /** A list that can also be had as a file, `text/csv`. */
  csv?: true;
  /** Media types it takes as a stream of bytes; all other routes take JSON only. */
  consumes?: readonly string[];
  /** Actions of which it writes entries into the audit log (`@Audited`). */
  audited?: readonly string[];
  /** The reason why it writes no entry although its method may change something (`@NotAudited`). */
  notAudited?: string;
}

/** The route requires a token with this role or a higher one. On a class: for every route without its own decorator. */
export function Allow(role: Role): MethodDecorator & ClassDecorator {
  return routeAccess({ access: role });
}

/** The route needs an API key as configured by the service's `apiKeys`, and no token. */
export function AllowApiKey(): MethodDecorator & ClassDecorator {
  return routeAccess({ access: 'api-key' });
}

/** The route needs no token. Only for what is public by nature: health, metrics, the API document, its own key check. */
export function Open(): MethodDecorator & ClassDecorator {
  return routeAccess({ access: 'open' });
}

/** The route responds with these media types instead of JSON; `Accept` is checked against them. */
export function Produces(...types: string[]): MethodDecorator {
  return routeAccess({ produces: types });
}

/** The route's `request.body` is the stream of bytes when a body of these types comes; it limits their size itself. */
export function Consumes(...types: string[]): MethodDecorator {
  return routeAccess({ consumes: types });
}

/** The route is a list that can also be had as a file. */
export const AsFile = (): MethodDecorator => routeAccess({ csv: true });

/** `<noun>.<verb>`, in the imperative: what was done to what. */
const actionShape = /^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/;

/** The route writes an audit entry of one of these actions when it succeeds and changes something. In the API document too. */
export function Audited(...actions: [string, ...string[]]): MethodDecorator {
  for (const action of actions)
    if (!actionShape.test(action))
      throw new Error(`"${action}" is not an action of an audit log: use <noun>.<verb>.`);
  return routeAccess({ audited: actions });
}

/** The route changes nothing of a tenant, or another service's audit log has it. */
export function NotAudited(because: string): MethodDecorator {
  return routeAccess({ notAudited: because });
}

function routeAccess(add: RouteAccess): MethodDecorator & ClassDecorator {
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (descriptor && key !== undefined) {
      setAccess({ ...accessOf(descriptor.value as object), ...add }, target, key, descriptor);
      return;
    }
    const prototype = (target as { prototype: object }).prototype;
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const method = Object.getOwnPropertyDescriptor(prototype, name);
      if (name === 'constructor' || typeof method?.value !== 'function') continue;
      setAccess({ ...add, ...accessOf(method.value as object) }, prototype, name, method);
    }
  };
}

const accessKey = 'isthmus:access';

function setAccess(
  access: RouteAccess,
  target: object,
  key: string | symbol,
  method: PropertyDescriptor,
): void {
  RouteConfig(access)(target, key, method);
  SetMetadata(accessKey, access)(target, key, method);
}

/** The requirements of a handler for its caller. */
export const accessOf = (handler: object): RouteAccess =>
  (Reflect.getMetadata(accessKey, handler) as RouteAccess | undefined) ?? {};

/** The holder of an API key; a service extends it with what its own keys carry. */
export interface ApiKeyIdentity {
  /** Every query is scoped by it. */
  tenantId: string;
  /** For the audit log, like the subject of a token. */
  subject: string;
}

/** Looks up the holder of a key. */
export interface ApiKeyVerifier {
  /**
   * @param key as sent; undefined when the header is missing
   * @throws Problem when it is missing, unknown or revoked
   */
  verify(key: string | undefined): Promise<ApiKeyIdentity>;
  /** The holder of a key that was verified a moment ago and need not be looked up. */
  known?(key: string): ApiKeyIdentity | undefined;
}

/** Finds and checks API keys, for a service that is called with them. */
export interface ApiKeyAccess {
  /** Lower-case name of the request header. */
  header: string;
  /** A provider of the service's module. */
  verifier: Type<ApiKeyVerifier>;
}

/** Finds the access token of a request that has a session cookie instead of one. */
export interface SessionTokens {
  /**
   * @returns undefined for a request without a cookie of ours
   * @throws Problem 400 if there is a token as well, 401 if the session has ended, 403 if another site may have made the browser send
   * the request
   */
  tokenOf(request: FastifyRequest): Promise<string | undefined>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the kit on every route that needs a token. */
    principal?: Principal;
    /** The token of the principal, as sent or as the session has it. */
    accessToken?: string;
    /** Set by the kit on every route that needs an API key. */
    apiKeyIdentity?: ApiKeyIdentity;
  }
}

/** Parameter decorator: the `Principal` of the request. Only on routes with `@Allow`. */
export const CurrentUser: () => ParameterDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext) => {
    const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!principal) throw new Error('@CurrentUser() was used on a route without @Allow(), which has no user');
    return principal;
  },
);

/** Parameter decorator: the holder of the request's API key. Only on routes with `@AllowApiKey`. */
export const CurrentApiKey: () => ParameterDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext) => {
    const { apiKeyIdentity } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!apiKeyIdentity)
      throw new Error('@CurrentApiKey() was used on a route without @AllowApiKey(), which has no key');
    return apiKeyIdentity;
  },
);
