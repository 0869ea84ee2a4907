import { readIdempotency, readIdempotencyIfGiven } from '../idempotency/idempotency.decorator.ts';
import { versionInIfMatch } from '../http/etag.ts';
import type { DecoratedParameter } from './routes.ts';
import type { Parameter } from './document-types.ts';

const known = new Map<unknown, Parameter>([
  [
    readIdempotency,
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: true,
      description:
        'Chosen by the client; repeating the request with the same key gives the same answer and no second effect.',
      schema: { type: 'string', minLength: 8, maxLength: 255 },
    },
  ],
  [
    readIdempotencyIfGiven,
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: 'Needed where the body asks for something that reaches CMP; as in other commands.',
      schema: { type: 'string', minLength: 8, maxLength: 255 },
    },
  ],
  [
    versionInIfMatch,
    {
      name: 'If-Match',
      in: 'header',
      required: true,
      description: 'The ETag of the version the change is based on.',
      schema: { type: 'string' },
    },
  ],
]);

/** Headers a route needs because of the parameter decorators it uses. */
export function headerParameters(parameters: readonly DecoratedParameter[]): Parameter[] {
  return parameters.flatMap(({ factory }) => known.get(factory) ?? []);
}

/** Problems that come with those headers. */
export function headerProblems(parameters: readonly DecoratedParameter[]): {
  [status: number]: string | undefined;
} {
  const uses = (factory: unknown): boolean => parameters.some((parameter) => parameter.factory === factory);
  return {
    ...(uses(versionInIfMatch)
      ? { 412: 'The resource has changed since.', 428: 'If-Match is missing.' }
      : {}),
    ...(uses(readIdempotency)
      ? {
          409: 'The first request with this key is still running.',
          422: 'The key was used with another body.',
        }
      : {}),
  };
}
