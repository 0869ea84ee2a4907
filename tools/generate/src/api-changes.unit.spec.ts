import { readFileSync } from 'node:fs';
import { breakingChanges, namedChanges } from './api-changes.mjs';

/* eslint-disable @typescript-eslint/no-explicit-any -- documents are changed at any depth */
type Document = any;

const file = new URL('../../../docs/generated/openapi/webhooks.json', import.meta.url);
const document: Document = JSON.parse(readFileSync(file, 'utf8'));
const endpoints = '/v1/webhook-endpoints';

function after(change: (document: Document, schemas: Document) => void): string[] {
  const changed = structuredClone(document);
  change(changed, changed.components.schemas);
  return breakingChanges(document, changed);
}

it.each<[string, (document: Document, schemas: Document) => void]>([
  ['nothing', () => undefined],
  ['a new route', ({ paths }) => (paths['/v1/others'] = structuredClone(paths[endpoints]))],
  [
    'a new field of a response',
    (_, { EndpointView: { properties, required } }) => {
      properties.owner = { type: 'string' };
      required.unshift('owner');
    },
  ],
  [
    'a field that a request may have',
    (_, { CreateEndpoint: { properties } }) => (properties.owner = { type: 'string' }),
  ],
  [
    'a filter',
    ({ paths }) =>
      paths[endpoints].get.parameters.unshift({ name: 'q', in: 'query', schema: { type: 'string' } }),
  ],
  [
    'words for people',
    ({ paths }, { EndpointView }) => {
      paths[endpoints].get.summary = 'Other words.';
      EndpointView.description = 'More words.';
    },
  ],
])('lets pass what breaks no client: %s', (_, change) => {
  expect(after(change)).toEqual([]);
});

it.each<[string, (document: Document, schemas: Document) => void, string[]]>([
  [
    'a route is gone',
    ({ paths }) => delete paths[`${endpoints}/{id}/test`],
    [`removed \`POST ${endpoints}/{id}/test\``],
  ],
  [
    'a field of a response is gone',
    (_, { EndpointView: { properties } }) => delete properties.url,
    ['removed `EndpointView/properties/url`'],
  ],
  [
    'a field may be missing',
    (_, { EndpointView: { required } }) => required.splice(required.indexOf('url'), 1),
    ['removed `EndpointView/required/url`'],
  ],
  [
    'a field may be null',
    (_, { EndpointView: { properties } }) => (properties.url.type = ['string', 'null']),
    ['changed `EndpointView/properties/url/type`'],
  ],
  [
    'a field is of another type',
    (_, { EndpointView: { properties } }) => (properties.version.type = 'string'),
    ['changed `EndpointView/properties/version/type`'],
  ],
  [
    'a response has a value that nobody knows',
    (_, { EndpointView: { properties } }) => properties.status.enum.push('asleep'),
    ['added `EndpointView/properties/status/enum/asleep`'],
  ],
  [
    'a request needs a field',
    (_, { CreateEndpoint: { required } }) => required.push('description'),
    ['added `CreateEndpoint/required/description`'],
  ],
  [
    'a request may be shorter only',
    (_, { CreateEndpoint: { properties } }) => (properties.description.maxLength = 10),
    ['changed `CreateEndpoint/properties/description/maxLength`'],
  ],
  [
    'a filter is gone',
    ({ paths }) => paths[endpoints].get.parameters.pop(),
    [`removed \`GET ${endpoints} parameters limit\``],
  ],
  [
    'another status says that all went well',
    ({ paths }) => {
      const { responses } = paths[endpoints].post;
      responses[200] = responses[201];
      delete responses[201];
    },
    [`removed \`POST ${endpoints} responses 201\``],
  ],
  [
    'another role is needed',
    ({ paths }) => (paths[endpoints].get['x-isthmus-role'] = 'admin'),
    [`changed \`GET ${endpoints} x-isthmus-role\``],
  ],
])('tells that %s, and where', (_, change, expected) => {
  expect(after(change)).toEqual(expected);
});

it('reads the changes that are named, with or without a reason', () => {
  const text = [
    '# Changes',
    '- webhooks: removed `EndpointView/properties/url`: it was a secret.',
    '- not-a-change',
    '- account-sync: changed `GET /v1/invoices x-isthmus-role`',
  ];
  expect(namedChanges(text.join('\n'))).toEqual([
    'webhooks: removed `EndpointView/properties/url`',
    'account-sync: changed `GET /v1/invoices x-isthmus-role`',
  ]);
});
