import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { invalidInput } from './validation.pipe.ts';

/** What `@UuidParam()` does; exported for the API document to recognise. */
export function uuidInPath(name: string | undefined, context: ExecutionContext): string {
  const field = name ?? 'id';
  const value = (context.switchToHttp().getRequest<FastifyRequest>().params as Record<string, unknown>)[
    field
  ];
  if (!isUUID(value)) throw invalidInput([{ field, message: `${field} must be a UUID` }]);
  return String(value).toLowerCase();
}

/** Parameter decorator: a UUID out of the path, in lower case; 400 when it is none. */
export const UuidParam: (name?: string) => ParameterDecorator = createParamDecorator(uuidInPath);
