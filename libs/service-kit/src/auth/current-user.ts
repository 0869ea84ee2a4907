import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from './principal.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the kit on every route that needs a token. */
    principal?: Principal;
  }
}

/** Parameter decorator: the `Principal` of the request. Only on routes with `@Allow`. */
export const CurrentUser: () => ParameterDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext) => {
    const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!principal)
      throw new Error('@CurrentUser() was used on a route without @Allow(); there is no user to give');
    return principal;
  },
);
