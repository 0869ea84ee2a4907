import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { invalidInput } from '@isthmus/service-kit';
import type { FastifyRequest } from 'fastify';

/** Parameter decorator: Work 365's id of an account out of the path; 400 when it has not the form of one. */
export const TenantAccountId: () => ParameterDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext) => {
    const { id } = context.switchToHttp().getRequest<FastifyRequest>().params as { id?: unknown };
    if (typeof id === 'string' && /^[\w.:@{}-]{1,64}$/.test(id)) return id;
    throw invalidInput([
      { field: 'id', message: 'id must be 1 to 64 letters, digits or any of . : @ { } _ -' },
    ]);
  },
);
