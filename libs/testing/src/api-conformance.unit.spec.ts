import { ApiContract } from './api-conformance.ts';

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const contract = new ApiContract('things', {
  paths: {
    '/v1/things': {
      get: { responses: { 200: json({ type: 'array', items: { $ref: '#/components/schemas/Thing' } }) } },
    },
    '/v1/things/{id}': {
      get: { responses: { 200: json({ $ref: '#/components/schemas/Thing' }) } },
      delete: { responses: { 204: { description: 'Done.' } } },
    },
    '/v1/things/counts': { get: { responses: { 200: json({ type: 'integer' }) } } },
  },
  components: {
    schemas: {
      Thing: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string' },
          day: { type: ['string', 'null'], format: 'date' },
          kind: { type: 'string', enum: ['a', 'b'] },
        },
      },
      Problem: {
        type: 'object',
        required: ['type'],
        additionalProperties: true,
        properties: { type: { enum: ['x'] } },
      },
    },
  },
});

const differences = (
  method: string,
  path: string,
  status: number,
  body?: unknown,
  contentType = 'application/json',
) =>
  contract.differences({
    ...{ method, path, status },
    contentType: body === undefined ? '' : contentType,
    text: body === undefined ? '' : JSON.stringify(body),
  });

it.each<[string, string, number, unknown?, string?]>([
  ['GET', '/v1/things/1', 200, { name: 'n' }],
  ['GET', '/v1/things/1', 200, { name: 'n', day: null, kind: 'b' }, 'application/json; charset=utf-8'],
  ['GET', '/v1/things', 200, [{ name: 'n', day: '2026-11-27' }]],
  ['GET', '/v1/things/counts', 200, 3],
  ['DELETE', '/v1/things/1', 204],
  ['GET', '/v1/things/1', 404, { type: 'x', more: 1 }, 'application/problem+json'],
  ['GET', '/elsewhere', 404, 'x'],
])('finds nothing wrong with %s %s %s', (...exchange) => {
  expect(differences(...exchange)).toEqual([]);
});

it.each<[string, string, string, number, unknown, string?]>([
  ['must have required property', 'GET', '/v1/things/1', 200, {}],
  ['/name must be string', 'GET', '/v1/things/1', 200, { name: null }],
  ['/day must match format "date"', 'GET', '/v1/things/1', 200, { name: 'n', day: '2026-11-27T00:00:00Z' }],
  ['must NOT have additional properties: secret', 'GET', '/v1/things/1', 200, { name: 'n', secret: 1 }],
  [
    '/kind must be equal to one of the allowed values: ["a","b"]',
    'GET',
    '/v1/things/1',
    200,
    { name: 'n', kind: 'c' },
  ],
  ['[]/name must be string', 'GET', '/v1/things', 200, [{ name: 'n' }, { name: 1 }, { name: 2 }]],
  ['must be integer', 'GET', '/v1/things/counts', 200, { name: 'n' }],
  ['the document has no such status', 'GET', '/v1/things/1', 201, { name: 'n' }],
  ['the body is missing', 'GET', '/v1/things/1', 200, undefined],
  ['the document has no body', 'DELETE', '/v1/things/1', 204, {}],
  ['the document has application/json, not text/csv', 'GET', '/v1/things/1', 200, 'n', 'text/csv'],
  ['is in no document', 'GET', '/v1/others', 200, {}],
  [
    '/type must be equal to one of the allowed values',
    'GET',
    '/v1/things/1',
    409,
    { type: 'y' },
    'application/problem+json',
  ],
])('says that %s', (expected, ...exchange) => {
  const found = contract.differences({
    method: exchange[0],
    path: exchange[1],
    status: exchange[2],
    contentType: exchange[3] === undefined ? 'application/json' : (exchange[4] ?? 'application/json'),
    text: exchange[3] === undefined ? '' : JSON.stringify(exchange[3]),
  });
  expect(found).toEqual([expect.stringContaining(expected)]);
});
