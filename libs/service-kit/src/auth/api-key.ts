import { createParamDecorator, type ExecutionContext, type Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Whom an API key speaks for; a service adds to it what its own keys say. */
export interface KeyHolder {
  /** Every query is scoped by it. */
  tenantId: string;
  /** For the books, as the subject of a token is. */
  subject: string;
}

/** Tells whose key it is. */
export interface ApiKeyVerifier {
  /**
   * @param key as sent; undefined when the header is missing
   * @throws Problem when it is missing, unknown or revoked
   */
  verify(key: string | undefined): Promise<KeyHolder>;
}

/** How a service that is called with API keys takes them. */
export interface ApiKeyAccess {
  /** Lower-case name of the request header. */
  header: string;
  /** A provider of the service's module. */
  verifier: Type<ApiKeyVerifier>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the kit on every route that needs an API key. */
    keyHolder?: KeyHolder;
  }
}

/** Parameter decorator: whom the request's API key speaks for. Only on routes with `@AllowApiKey`. */
export const CurrentKey: () => ParameterDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext) => {
    const { keyHolder } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!keyHolder)
      throw new Error('@CurrentKey() was used on a route without @AllowApiKey(); there is no key');
    return keyHolder;
  },
);
