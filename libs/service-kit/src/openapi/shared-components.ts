import { kitProblemTypes, problemType } from '../http/problem.ts';
import type { ServiceOptions } from '../service-options.ts';

const text = { type: 'string' };

const problem = (codes: readonly string[] | undefined) => ({
  type: 'object',
  description: 'RFC 9457 problem details; a kind of problem may have members of its own.',
  required: ['type', 'title', 'status', 'instance', 'correlationId'],
  additionalProperties: true,
  properties: {
    type: {
      type: 'string',
      description: 'Stable name of the kind of problem.',
      ...(codes
        ? { enum: [...new Set([...kitProblemTypes, ...codes])].map(problemType).sort() }
        : { examples: ['urn:isthmus:problem:invalid-input'] }),
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
});

const responses: Record<string, string> = {
  BadRequest: 'The request is not valid; `errors` lists the fields.',
  Unauthenticated: 'There is no token, or it is not accepted.',
  Forbidden: 'The token does not have the role needed.',
  TooManyRequests: 'Too many requests; Retry-After states when to continue, RateLimit how many are left.',
  NotFound: 'There is no such thing, or it belongs to another tenant.',
  Unavailable: 'A dependency is unavailable; Retry-After states when to try again.',
};

/**
 * Components that are identical in the documents of all services, except for the types of problems.
 * @param codes those of the service's own problems; undefined if it may return any
 */
export const sharedComponents = (codes: readonly string[] | undefined) => ({
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
  schemas: { Problem: problem(codes) },
});

function problemResponse(description = 'A problem.'): object {
  return {
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

interface RouteInput {
  /** It has something that can be invalid. */
  hasInput: boolean;
  hasPath: boolean;
  /** Problems that come with its headers. */
  more: { [status: string]: string };
}

/** The problems that any such route may respond with, in addition to those of its domain. */
export function problemResponses(
  caller: 'anyone' | 'key' | 'user',
  { hasInput, hasPath, more }: RouteInput,
): Record<string, object> {
  const shared = (name: string): object => ({ $ref: `#/components/responses/${name}` });
  const refusals = {
    anyone: {},
    key: { 403: problemResponse('The API key is missing, unknown, revoked or expired.') },
    user: { 401: shared('Unauthenticated'), 403: shared('Forbidden') },
  };
  return {
    ...(hasInput ? { 400: shared('BadRequest') } : {}),
    ...refusals[caller],
    ...(hasPath ? { 404: shared('NotFound') } : {}),
    ...Object.fromEntries(Object.entries(more).map(([status, text]) => [status, problemResponse(text)])),
    ...(caller === 'anyone'
      ? {}
      : {
          429: shared('TooManyRequests'),
          503: shared('Unavailable'),
          default: problemResponse('Any other problem.'),
        }),
  };
}

export const apiKeyScheme = (apiKeys: ServiceOptions['apiKeys']) =>
  apiKeys && { apiKey: { type: 'apiKey', in: 'header', name: apiKeys.header } };
