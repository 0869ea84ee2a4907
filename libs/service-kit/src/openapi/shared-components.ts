import { versionInIfMatch } from '../http/etag.ts';
import { readIdempotency, readIdempotencyIfGiven } from '../idempotency/idempotent-request.ts';
import type { Operation, Parameter, ResponseObject, SchemaObject } from './document-types.ts';
import type { DeclaredRoute, DecoratedParameter } from './routes.ts';

const text = { type: 'string' };

const problem: SchemaObject = {
  type: 'object',
  description: 'RFC 9457 problem details.',
  required: ['type', 'title', 'status', 'correlationId'],
  properties: {
    type: {
      type: 'string',
      description: 'Stable name of the kind of problem.',
      examples: ['urn:isthmus:problem:invalid-input'],
    },
    title: text,
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What happened this time.' },
    instance: text,
    nextStep: { type: 'string', description: 'What to do about it.' },
    correlationId: { type: 'string', description: 'Finds this request in logs and traces.' },
    errors: {
      type: 'array',
      items: { type: 'object', required: ['field', 'message'], properties: { field: text, message: text } },
    },
  },
};

const responses: Record<string, string> = {
  BadRequest: 'The request is not valid; `errors` lists the fields.',
  Unauthenticated: 'There is no token, or it is not accepted.',
  Forbidden: 'The token does not have the role needed.',
  NotFound: 'There is no such thing, or it belongs to another tenant.',
  Unavailable: 'Something this depends on is away; Retry-After says when to try again.',
};

/** The same in the document of every service. */
export const sharedComponents = {
  securitySchemes: {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'OIDC token with the claims tenant and roles.',
    },
  },
  responses: Object.fromEntries(
    Object.entries(responses).map(([name, description]) => [name, problemResponse(description)]),
  ),
  schemas: { Problem: problem },
};

function problemResponse(description = 'A problem.'): ResponseObject {
  return {
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

const refusals = (
  { access }: DeclaredRoute,
  shared: (name: string) => ResponseObject,
): Operation['responses'] =>
  access.access === 'api-key'
    ? { 403: problemResponse('The API key is missing, unknown or revoked.') }
    : { 401: shared('Unauthenticated'), 403: shared('Forbidden') };

/** The problems any such route may respond with; those of its domain come on top. */
export function problemResponses(route: DeclaredRoute, guarded: boolean): Operation['responses'] {
  const shared = (name: string): ResponseObject => ({ $ref: `#/components/responses/${name}` });
  return {
    ...(route.body || route.description?.takes || route.query || route.path.includes(':')
      ? { 400: shared('BadRequest') }
      : {}),
    ...(guarded ? refusals(route, shared) : {}),
    ...(route.path.includes(':') ? { 404: shared('NotFound') } : {}),
    ...Object.fromEntries(
      Object.entries(headerProblems(route.parameters)).map(([status, text]) => [
        status,
        problemResponse(text),
      ]),
    ),
    ...(guarded ? { 503: shared('Unavailable') } : {}),
    ...(guarded ? { default: problemResponse('Any other problem.') } : {}),
  };
}

const headersByDecorator = new Map<unknown, Parameter>([
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
  return parameters.flatMap(({ factory }) => headersByDecorator.get(factory) ?? []);
}

/** Problems that come with those headers. */
function headerProblems(parameters: readonly DecoratedParameter[]): {
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
