import { ConnectorPausedV1 } from '@isthmus/contracts';
import { On } from '@isthmus/messaging';
import { Body, Controller, Get, Module, Post, Put, type Type as Class } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsNotEmpty,
  IsOptional,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { Allow, NotAudited, Produces } from '../auth/access.ts';
import { UuidParam } from '../http/validation.ts';
import { ServiceEnv } from '../config.ts';
import { Describe } from './describe.ts';
import { AnyJson, IsDay, MapOf, OrNull } from './fields.ts';
import { readApiDocument } from '../start.ts';
import { notesService, runNotes } from '../../test/notes.fixture.ts';

interface Parameter {
  name: string;
  in: string;
  required: boolean;
  schema: object;
}
interface ObjectSchema {
  properties?: Record<string, { default?: unknown }>;
  required?: string[];
}
const document = await readApiDocument(notesService);

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
  for (const file of [
    '..%2fpackage.json',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
  ])
    expect([file, (await notes.call('GET', `/docs/${file}`, { token: null })).status]).toEqual([file, 404]);
  await notes.close();
});

it('has every route with its role, its parameters and the problems that come with them', () => {
  expect(Object.keys(document.paths)).toEqual([
    '/healthz/live',
    '/healthz/ready',
    '/metrics',
    '/v1/notes',
    '/v1/notes/{id}',
    '/v1/notes/{id}/copies',
    '/v1/notes/broken',
    '/v1/notes/ticks',
  ]);
  const change = document.paths['/v1/notes/{id}']?.patch;
  expect(change).toMatchObject({
    operationId: 'Notes_change',
    description: expect.stringContaining('operator'),
    security: [{ bearer: [] }],
  });
  expect((change?.parameters as Parameter[]).map((one) => [one.name, one.in, one.required])).toEqual([
    ['id', 'path', true],
    ['If-Match', 'header', true],
  ]);
  expect((change?.parameters?.[0] as Parameter).schema).toEqual({ type: 'string', format: 'uuid' });
  expect(Object.keys(change?.responses ?? {})).toEqual([
    '200',
    '400',
    '401',
    '403',
    '404',
    '412',
    '428',
    '429',
    '503',
    'default',
  ]);
  expect(document.paths['/healthz/live']?.get?.security).toEqual([]);
});

it('takes schemas from the validators: input is closed and nested, queries know their defaults', () => {
  const input = document.components?.schemas?.NoteInput;
  expect(input).toMatchObject({
    required: ['text'],
    additionalProperties: false,
    properties: {
      text: { type: 'string', minLength: 1, maxLength: 200 },
      labels: { maxItems: 3, items: { $ref: '#/components/schemas/LabelInput' } },
    },
  });
  const query = document.paths['/v1/notes']?.get?.parameters as Parameter[];
  expect(query?.find(({ name }) => name === 'limit')).toMatchObject({
    in: 'query',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  });
  expect(query?.find(({ name }) => name === 'order')?.schema).toMatchObject({ enum: ['new', 'old'] });
});

it('does not ask for what has a default, also within what is nested', () => {
  const schemas = (document.components?.schemas ?? {}) as Record<string, ObjectSchema>;
  expect(schemas.NoteInput).toMatchObject({
    required: ['text'],
    properties: { priority: { type: 'string', enum: ['low', 'high'], default: 'low' } },
  });
  expect(schemas.LabelInput).toMatchObject({
    required: ['name'],
    properties: { bold: { type: 'boolean', default: false } },
  });
  const requested = Object.entries(schemas).flatMap(([name, { properties = {}, required = [] }]) =>
    required.filter((field) => properties[field]?.default !== undefined).map((field) => `${name}.${field}`),
  );
  expect(requested).toEqual([]);
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

class DraftPart {
  @IsString() text!: string;
}

class DraftInput {
  @IsString() text!: string;
  @IsString() @MaxLength(80) title: string = 'Untitled';
  @IsNotEmpty() @ValidateNested() @Type(() => DraftPart) part!: DraftPart;
  @IsOptional() @IsString() @Type(() => String) note?: string | null;
}

class DraftFilter {
  @IsOptional() @IsString() since?: string;
}

@Allow('operator')
@Controller('drafts')
class DraftsController {
  @Put(':name')
  put(@UuidParam('name') _name: string, @Body() _body: DraftInput): void {}

  @Post()
  @NotAudited('It writes nothing.')
  find(@Body() _body: DraftFilter): void {}
}

@Controller()
class DraftEvents {
  @On(ConnectorPausedV1)
  async handle(_: ConnectorPausedV1): Promise<void> {}
}

@Module({ controllers: [DraftsController, DraftEvents] })
class DraftsModule {}

const documentFor = (module: Class) => readApiDocument({ service: 'drafts', module, config: ServiceEnv });

it('names defaults of bodies, refers to nested classes by name, and knows nothing of message handlers', async () => {
  const { paths, components } = await documentFor(DraftsModule);
  expect(Object.keys(paths)).toContain('/drafts/{name}');
  expect(paths['/drafts/{name}']?.put?.requestBody).toMatchObject({ required: true });
  expect(paths['/drafts/{name}']?.put?.parameters).toEqual([
    { name: 'name', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
  ]);
  expect(components?.schemas?.DraftInput).toEqual({
    type: 'object',
    properties: {
      text: { type: 'string' },
      title: { type: 'string', maxLength: 80, default: 'Untitled' },
      part: { minLength: 1, allOf: [{ $ref: '#/components/schemas/DraftPart' }] },
      note: { type: ['string', 'null'] },
    },
    required: ['text', 'part'],
    additionalProperties: false,
  });
  expect(components?.schemas?.DraftPart).toMatchObject({ additionalProperties: false });
  expect(Object.keys(components?.schemas ?? {})).toEqual([
    'DraftFilter',
    'DraftInput',
    'DraftPart',
    'LivenessState',
    'Problem',
    'ReadinessState',
  ]);
});

it('asks for a body only where a field of it is needed', async () => {
  const { paths } = await documentFor(DraftsModule);
  expect(paths['/drafts']?.post?.requestBody).toMatchObject({
    required: false,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/DraftFilter' } } },
  });
});

class Window {
  @IsString() name!: string;
  @OrNull() @ValidateNested() @Type(() => DraftPart) part!: DraftPart | null;
  @OrNull() @IsIn(['open', 'closed']) state!: 'open' | 'closed' | null;
  @OrNull() @IsDay() closes!: string | null;
  @IsOptional() @OrNull() @IsString() reason?: string | null;
  @IsOptional() @IsString() hint?: string;
  @MapOf('integer') counts!: Record<string, number>;
  @IsOptional() @AnyJson() value?: unknown;
}

@Allow('viewer')
@Controller('windows')
class WindowsController {
  @Describe('Windows.', { returns: Window, also: { 202: DraftPart } })
  @Get()
  read(): void {}

  @Produces('text/event-stream')
  @Describe('Their changes.', { events: { changed: Window } })
  @Get('stream')
  stream(): void {}
}

@Module({ controllers: [WindowsController] })
class WindowsModule {}

it('says what may be null, what may be missing, what is a day, and what a stream brings', async () => {
  const { paths, components } = await documentFor(WindowsModule);
  expect(components?.schemas?.Window).toEqual({
    type: 'object',
    required: ['name', 'part', 'state', 'closes', 'counts'],
    properties: {
      name: { type: 'string' },
      part: { anyOf: [{ $ref: '#/components/schemas/DraftPart' }, { type: 'null' }] },
      state: { type: ['string', 'null'], enum: ['open', 'closed', null] },
      closes: { type: ['string', 'null'], format: 'date' },
      reason: { type: ['string', 'null'] },
      hint: { type: 'string' },
      counts: { type: 'object', additionalProperties: { type: 'integer' } },
      value: { type: ['string', 'number', 'boolean', 'object', 'array', 'null'] },
    },
  });
  expect(Object.keys(paths['/windows']?.get?.responses ?? {})).toEqual(
    expect.arrayContaining(['200', '202']),
  );
  const schema = { $ref: '#/components/schemas/Window' };
  expect(paths['/windows/stream']?.get?.responses).toMatchObject({
    200: { content: { 'text/event-stream': { schema: { oneOf: [{ properties: { data: schema } }] } } } },
  });
});

class AllGiven {
  @IsBoolean() apply: boolean = true;
}

@Allow('operator')
@Controller('parts')
class PartsController {
  @Describe('Parts.', { returns: DraftInput })
  @Get('parts')
  read(): void {}

  @Describe('A protocol that is not ours.', { takes: AllGiven, returns: AllGiven })
  @Post('all')
  all(): void {}
}

@Module({ controllers: [PartsController] })
class PartsModule {}

it('promises what has a default in a response, unless the class is also what is sent', async () => {
  const { components } = await documentFor(PartsModule);
  expect(components?.schemas).toMatchObject({
    DraftInput: { required: ['text', 'part', 'title'], properties: { title: { maxLength: 80 } } },
    AllGiven: { properties: { apply: { type: 'boolean', default: true } } },
  });
  expect(components?.schemas?.DraftInput).not.toHaveProperty('additionalProperties');
  expect(components?.schemas?.AllGiven).not.toHaveProperty('required');
  // What is not ours may have fields that we do not know.
  expect(components?.schemas?.AllGiven).not.toHaveProperty('additionalProperties');
});

it('refuses two classes of one name', async () => {
  const other = (() => {
    class DraftInput {
      @IsString() text!: string;
    }
    return DraftInput;
  })();
  @Allow('operator')
  @Controller('others')
  class OthersController {
    @Post()
    post(@Body() _body: InstanceType<typeof other>): void {}
  }
  Reflect.defineMetadata('design:paramtypes', [other], OthersController.prototype, 'post');
  @Module({ controllers: [DraftsController, OthersController] })
  class BothModule {}
  await expect(documentFor(BothModule)).rejects.toThrow('Two classes of the API are called DraftInput');
});
