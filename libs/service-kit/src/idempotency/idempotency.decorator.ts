import { hash } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.ts';
import type { IdempotentRequest } from './idempotent-request.ts';

const form = /^[\x21-\x7e]{8,255}$/;

/** What `@Idempotency()` does; exported for the API document to recognise. */
export function readIdempotency(_: unknown, context: ExecutionContext): IdempotentRequest {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  if (!request.principal)
    throw new Error('@Idempotency() was used on a route without @Allow(); keys belong to a tenant');
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || !form.test(key)) {
    throw new Problem({
      status: 400,
      type: key === undefined ? 'idempotency-key-required' : 'bad-idempotency-key',
      title: 'An Idempotency-Key is required',
      detail:
        key === undefined
          ? 'The header Idempotency-Key is missing.'
          : 'The Idempotency-Key must be 8 to 255 visible ASCII characters.',
      nextStep: 'Send a fresh UUID as Idempotency-Key, and the same one when repeating the request.',
    });
  }
  return {
    tenantId: request.principal.tenantId,
    // The address as sent, not its pattern: the same key on another resource is another command.
    route: `${request.method} ${request.url.split('?', 1)[0]}`.slice(0, 255),
    key,
    bodyHash: hash('sha256', canonical(request.body), 'base64url'),
  };
}

/** Parameter decorator: the `IdempotentRequest` of a command; 400 without an Idempotency-Key header. */
export const Idempotency: () => ParameterDecorator = createParamDecorator(readIdempotency);

/** JSON with sorted members: the same command written in another order is the same command. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, member: unknown) =>
      typeof member === 'object' && member !== null && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
        : member,
    ) ?? ''
  );
}
