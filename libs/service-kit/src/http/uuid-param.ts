import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { invalidInput } from './validation.pipe.ts';

/** Parameter decorator: a UUID out of the path, in lower case; 400 when it is none. */
export const UuidParam: (name?: string) => ParameterDecorator = createParamDecorator(
  (name: string | undefined, context: ExecutionContext) => {
    const field = name ?? 'id';
    const value = (context.switchToHttp().getRequest<FastifyRequest>().params as Record<string, unknown>)[
      field
    ];
    if (!isUUID(value)) throw invalidInput([{ field, message: `${field} must be a UUID` }]);
    return String(value).toLowerCase();
  },
);
