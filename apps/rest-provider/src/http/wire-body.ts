import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { invalidInput, readForeignBody } from '@isthmus/service-kit';
import type { FastifyRequest } from 'fastify';
import { camelCase, renamed } from './field-names.ts';

/** Reads a body of the contract: names in either case, unknown fields ignored. @throws Problem 400 */
export function readWireBody<T extends object>(type: new () => T, body: unknown): T {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalidInput([{ field: '', message: 'the body must be an object' }]);
  return readForeignBody(type, renamed(body, camelCase));
}

/** Parameter decorator: the body of a request as this class. */
export const WireBody = <T extends object>(type: new () => T): ParameterDecorator =>
  createParamDecorator((_: unknown, context: ExecutionContext) =>
    readWireBody(type, context.switchToHttp().getRequest<FastifyRequest>().body),
  )();
