import { invalidInput, Problem, readForeignBody } from '@isthmus/service-kit';
import {
  type CallHandler,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { catchError, map, type Observable } from 'rxjs';
import { WriteRefused } from '../write-intents/write-intent.ts';
import { Work365Client } from './work365-client.ts';

/** Renames every member of a value, at any depth. */
function renameMembers(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameMembers(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [rename(name), renameMembers(member, rename)]),
  );
}

const camelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
const pascalCase = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Writes field names as configured for the connector, and returns refusals of other services under their own codes. */
@Injectable()
export class Work365Translation implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { keyHolder } = context.switchToHttp().getRequest<FastifyRequest>();
    const pascal = keyHolder instanceof Work365Client && keyHolder.pascalCase;
    return next.handle().pipe(
      map((body: unknown) => (pascal ? renameMembers(body, pascalCase) : body)),
      catchError((error: unknown) => {
        throw error instanceof WriteRefused ? refusal(error) : error;
      }),
    );
  }
}

const refusal = (error: WriteRefused): Problem =>
  new Problem(
    {
      status: 422,
      type: error.code,
      title: 'This cannot be ordered',
      detail: error.message,
      nextStep: error.nextStep,
    },
    { cause: error },
  );

/** Reads a body of the contract: names in either case, unknown fields ignored. @throws Problem 400 */
function readWireBody<T extends object>(type: new () => T, body: unknown): T {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalidInput([{ field: '', message: 'the body must be an object' }]);
  return readForeignBody(type, renameMembers(body, camelCase));
}

/** Parameter decorator: the body of a request as this class. */
export const WireBody = <T extends object>(type: new () => T): ParameterDecorator =>
  createParamDecorator((_: unknown, context: ExecutionContext) =>
    readWireBody(type, context.switchToHttp().getRequest<FastifyRequest>().body),
  )();
