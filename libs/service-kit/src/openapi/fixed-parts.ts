import type { Operation, ResponseObject, SchemaObject } from './document-types.ts';
import { headerProblems } from './header-parameters.ts';
import type { DeclaredRoute } from './routes.ts';

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

const described: Record<string, string> = {
  BadRequest: 'The request is not valid; `errors` lists the fields.',
  Unauthenticated: 'There is no token, or it is not accepted.',
  Forbidden: 'The token does not have the role needed.',
  NotFound: 'There is no such thing, or it belongs to another tenant.',
  Unavailable: 'Something this depends on is away; Retry-After says when to try again.',
};

/** The same in the document of every service. */
export const fixedComponents = {
  securitySchemes: {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'OIDC token with the claims tenant and roles.',
    },
  },
  responses: Object.fromEntries(
    Object.entries(described).map(([name, description]) => [name, problemResponse(description)]),
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

/** The problems a route may answer by its nature; those of its domain come on top. */
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
