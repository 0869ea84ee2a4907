import { documentOf } from '../start.ts';
import { notesService, runNotes } from '../../test/notes.fixture.ts';
import type { OpenApiDocument, SchemaObject } from './document-types.ts';

const document = (await documentOf(notesService)) as OpenApiDocument;

it('is made without a database, NATS or a valid environment, and is what the running service serves', async () => {
  const notes = await runNotes();
  const served = await notes.call('GET', '/openapi.json', { token: null });
  expect(served.body).toEqual(JSON.parse(JSON.stringify(document)));
  const page = await notes.call('GET', '/docs', { token: null });
  expect(page.body.text).toContain('docs/swagger-ui-bundle.js');
  for (const file of ['swagger-ui-bundle.js', 'swagger-ui.css', 'start.js']) {
    expect(
      (await notes.call('GET', `/docs/${file}`, { token: null, headers: { accept: '*/*' } })).status,
    ).toBe(200);
  }
  expect((await notes.call('GET', '/docs/..%2fpackage.json', { token: null })).status).toBe(404);
  await notes.close();
});

it('has every route with its role, its parameters and the problems that come with them', () => {
  expect(Object.keys(document.paths)).toEqual([
    '/healthz/live',
    '/healthz/ready',
    '/metrics',
    '/v1/notes',
    '/v1/notes/{id}',
    '/v1/notes/broken',
    '/v1/notes/ticks',
  ]);
  const change = document.paths['/v1/notes/{id}']?.patch;
  expect(change).toMatchObject({
    operationId: 'Notes_change',
    description: expect.stringContaining('operator'),
    security: [{ bearer: [] }],
  });
  expect(change?.parameters?.map((one) => [one.name, one.in, one.required])).toEqual([
    ['id', 'path', true],
    ['If-Match', 'header', true],
  ]);
  expect(change?.parameters?.[0]?.schema).toEqual({ type: 'string', format: 'uuid' });
  expect(Object.keys(change?.responses ?? {})).toEqual([
    '200',
    '400',
    '401',
    '403',
    '404',
    '412',
    '428',
    '503',
    'default',
  ]);
  expect(document.paths['/healthz/live']?.get?.security).toEqual([]);
});

it('takes schemas from the validators: input is closed and nested, queries know their defaults', () => {
  const input = document.components.schemas?.NoteInput as SchemaObject;
  expect(input).toMatchObject({
    required: ['text'],
    additionalProperties: false,
    properties: {
      text: { type: 'string', minLength: 1, maxLength: 200 },
      labels: { maxItems: 3, items: { $ref: '#/components/schemas/LabelInput' } },
    },
  });
  const query = document.paths['/v1/notes']?.get?.parameters;
  expect(query?.find(({ name }) => name === 'limit')).toMatchObject({
    in: 'query',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  });
  expect(query?.find(({ name }) => name === 'order')?.schema).toMatchObject({ enum: ['new', 'old'] });
});

it('does not ask for what has a default, also within what is nested', () => {
  const { NoteInput, LabelInput } = document.components.schemas as Record<string, SchemaObject>;
  expect(NoteInput).toMatchObject({
    required: ['text'],
    properties: { priority: { type: 'string', enum: ['low', 'high'], default: 'low' } },
  });
  expect(LabelInput).toMatchObject({
    required: ['name'],
    properties: { bold: { type: 'boolean', default: false } },
  });
  const askedFor = Object.entries(document.components.schemas ?? {}).flatMap(([name, schema]) => {
    const { properties = {}, required = [] } = schema as {
      properties?: Record<string, SchemaObject>;
      required?: string[];
    };
    return required
      .filter((field) => properties[field]?.default !== undefined)
      .map((field) => `${name}.${field}`);
  });
  expect(askedFor).toEqual([]);
});

it('refers to nothing that is not there', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
  expect(refs.length).toBeGreaterThan(10);
  for (const ref of refs) {
    const found = ref
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
    expect([ref, typeof found]).toEqual([ref, 'object']);
  }
});
