import { readIdempotency } from '../idempotency/idempotency.decorator.ts';
import { versionInIfMatch } from '../http/etag.ts';
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
export function headerParameters(factories: readonly unknown[]): Parameter[] {
  return factories.flatMap((factory) => known.get(factory) ?? []);
}
