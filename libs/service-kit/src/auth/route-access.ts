import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants';
import type { Role } from './principal.ts';

/** What a route demands of its caller, kept in Fastify's route config so that it is checked before the body is read. */
export interface RouteAccess {
  /** The least role that may call it; `api-key` needs a key of the service's own instead of a token, `open` nothing. */
  access?: Role | 'api-key' | 'open';
  /** Media types it answers other than JSON. */
  produces?: readonly string[];
  /** Media types it takes as a stream of bytes; all others take JSON only. */
  consumes?: readonly string[];
}

/** The route needs a token with this role or a higher one. On a class: for every route that does not say otherwise. */
export function Allow(role: Role): MethodDecorator & ClassDecorator {
  return routeAccess({ access: role });
}

/** The route needs an API key as the service's `apiKeys` says, and no token. */
export function AllowApiKey(): MethodDecorator & ClassDecorator {
  return routeAccess({ access: 'api-key' });
}

/** The route needs no token. Only for what is public by nature: health, metrics, the API document, its own key check. */
export function Open(): MethodDecorator & ClassDecorator {
  return routeAccess({ access: 'open' });
}

/** The route answers these media types instead of JSON (so that `Accept` is judged by them). */
export function Produces(...types: string[]): MethodDecorator {
  return routeAccess({ produces: types });
}

/** The route's `request.body` is the stream of bytes when a body of these types comes; it limits their size itself. */
export function Consumes(...types: string[]): MethodDecorator {
  return routeAccess({ consumes: types });
}

function routeAccess(add: RouteAccess): MethodDecorator & ClassDecorator {
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (descriptor && key !== undefined) {
      RouteConfig({ ...configOf(descriptor.value), ...add })(target, key, descriptor);
      return;
    }
    const prototype = (target as { prototype: object }).prototype;
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const method = Object.getOwnPropertyDescriptor(prototype, name);
      if (name === 'constructor' || typeof method?.value !== 'function') continue;
      RouteConfig({ ...add, ...configOf(method.value) })(prototype, name, method);
    }
  };
}

function configOf(handler: object): RouteAccess {
  return (Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as RouteAccess | undefined) ?? {};
}
