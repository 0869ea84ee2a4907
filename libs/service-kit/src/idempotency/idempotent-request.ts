import { canonicalHash } from '@isthmus/domain';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.ts';
import { describedParameter } from '../openapi/describe.ts';

/** The data that makes two requests the same command. `@Idempotency()` reads it from the request. */
export interface IdempotentRequest {
  tenantId: string;
  /** `POST /v1/orders` */
  route: string;
  /** The client's Idempotency-Key. */
  key: string;
  /** Hash of the request body. */
  bodyHash: string;
}

const form = /^[\x21-\x7e]{8,255}$/;
const newKey = 'Send a new UUID as Idempotency-Key, and the same one when repeating the request.';

function readIdempotency(_: unknown, context: ExecutionContext): IdempotentRequest {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  if (!request.principal)
    throw new Error('@Idempotency() was used on a route without @Allow(); keys belong to a tenant');
  const key = request.headers['idempotency-key'];
  if (key === undefined) throw idempotencyKeyRequired();
  if (typeof key !== 'string' || !form.test(key)) {
    throw new Problem({
      status: 400,
      type: 'bad-idempotency-key',
      title: 'The Idempotency-Key is not valid',
      detail: whyBad(key),
      nextStep: newKey,
    });
  }
  return {
    tenantId: request.principal.tenantId,
    // The address as sent, not its pattern: the same key on another resource is another command.
    route: `${request.method} ${request.url.split('?', 1)[0]}`.slice(0, 255),
    key,
    bodyHash: canonicalHash(request.body),
  };
}

function whyBad(key: string | string[]): string {
  const rule = 'It must have 8 to 255 visible ASCII characters and no spaces.';
  if (typeof key !== 'string') return `The Idempotency-Key was sent ${key.length} times. Send it once.`;
  if (key.length < 8 || key.length > 255)
    return `The Idempotency-Key has ${key.length} character${key.length === 1 ? '' : 's'}. ${rule}`;
  return `The Idempotency-Key contains characters that are not allowed. ${rule}`;
}

const command = createParamDecorator(readIdempotency);
const header = {
  name: 'Idempotency-Key',
  in: 'header',
  schema: { type: 'string', minLength: 8, maxLength: 255 },
} as const;

/** Parameter decorator: the `IdempotentRequest` of a command; 400 without an Idempotency-Key header. */
export const Idempotency = (): ParameterDecorator =>
  describedParameter(command(), {
    ...header,
    required: true,
    description:
      'Chosen by the client; repeating the request with the same key returns the same response and has no second effect.',
    problems: {
      409: 'The first request with this key is still running.',
      422: 'The key was used with another body.',
    },
  });

const commandIfGiven = createParamDecorator(
  (_: unknown, context: ExecutionContext): IdempotentRequest | undefined => {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    return headers['idempotency-key'] === undefined ? undefined : readIdempotency(_, context);
  },
);

/** Like `Idempotency`, for a route where only some bodies are commands that need a key: undefined without the header. */
export const IdempotencyIfGiven = (): ParameterDecorator =>
  describedParameter(commandIfGiven(), {
    ...header,
    required: false,
    description: 'Needed where the body asks for something that reaches CMP; as in other commands.',
  });

/** 400 for a command without a key. */
export const idempotencyKeyRequired = (): Problem =>
  new Problem({
    status: 400,
    type: 'idempotency-key-required',
    title: 'An Idempotency-Key is required',
    detail: 'The header Idempotency-Key is missing.',
    nextStep: newKey,
  });
