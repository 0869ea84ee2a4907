/// <reference path="./class-transformer-storage.d.ts" />
import type { INestApplicationContext } from '@nestjs/common';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';
import { targetConstructorToSchema } from 'class-validator-jsonschema';
import { uuidInPath } from '../http/validation.ts';
import type { ServiceOptions } from '../service-options.ts';
import type { OpenApiDocument, Operation, Parameter, SchemaObject } from './document-types.ts';
import { type DeclaredRoute, declaredRoutes } from './routes.ts';
import { headerParameters, problemResponses, sharedComponents } from './shared-components.ts';

/**
 * The OpenAPI 3.1 document of a service, out of what its controllers and DTO classes already declare. It needs the
 * application's container only: neither a database nor NATS.
 */
export function buildDocument(
  app: INestApplicationContext,
  options: Pick<ServiceOptions, 'service' | 'title' | 'description' | 'apiKeys'>,
): OpenApiDocument {
  const schemas = new Schemas();
  const paths: OpenApiDocument['paths'] = {};
  for (const route of declaredRoutes(app).sort(byPath)) {
    if (route.path === '/openapi.json' || route.path.startsWith('/docs')) continue;
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route, schemas) };
  }
  const sorted = Object.fromEntries(
    Object.entries(schemas.components).sort(([a], [b]) => a.localeCompare(b)),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: options.title ?? `Isthmus ${options.service}`,
      version: '1',
      description: options.description,
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      ...sharedComponents,
      securitySchemes: { ...sharedComponents.securitySchemes, ...apiKeyScheme(options.apiKeys) },
      schemas: { ...sharedComponents.schemas, ...sorted },
    },
  };
}

function byPath(a: DeclaredRoute, b: DeclaredRoute): number {
  return a.path.localeCompare(b.path) || a.method.localeCompare(b.method);
}

function operation(route: DeclaredRoute, schemas: Schemas): Operation {
  const guarded = route.access.access !== undefined && route.access.access !== 'open';
  const parameters = [
    ...pathParameters(route),
    ...queryParameters(route, schemas),
    ...headerParameters(route.parameters),
  ];
  return {
    operationId: route.operationId,
    summary: route.description?.summary,
    description: guarded ? needs(route.access.access) : undefined,
    tags: [route.tag],
    security: guarded ? [{ [route.access.access === 'api-key' ? 'apiKey' : 'bearer']: [] }] : [],
    parameters: parameters.length > 0 ? parameters : undefined,
    requestBody: requestBody(route, schemas),
    responses: {
      [route.description?.status ?? route.status]: successResponse(route, schemas),
      ...problemResponses(route, guarded),
    },
  };
}

const needs = (access: string | undefined): string =>
  access === 'api-key' ? 'Needs an API key.' : `Needs the role \`${access}\`.`;

const apiKeyScheme = (apiKeys: ServiceOptions['apiKeys']) =>
  apiKeys && { apiKey: { type: 'apiKey', in: 'header', name: apiKeys.header } };

function requestBody(
  { body: declared, description, access }: DeclaredRoute,
  schemas: Schemas,
): Operation['requestBody'] {
  const body = description?.takes ?? declared;
  if (access.consumes) return { required: true, content: texts(access.consumes) };
  const input = description?.takes ? 'open' : 'closed';
  return body && { required: true, content: { 'application/json': { schema: schemas.ref(body, input) } } };
}

const texts = (types: readonly string[]) =>
  Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } as SchemaObject }]));

function successResponse(
  { description, access }: DeclaredRoute,
  schemas: Schemas,
): Operation['responses'][string] {
  const plain = { description: 'Done.' };
  if (access.produces) return { ...plain, content: texts(access.produces) };
  if (!description?.returns) return plain;
  const item = schemas.ref(description.returns);
  return { ...plain, content: { 'application/json': { schema: listed(item, description.list) } } };
}

function listed(item: SchemaObject, list: 'page' | 'array' | undefined): SchemaObject {
  if (list === 'array') return { type: 'array', items: item };
  if (list !== 'page') return item;
  const nextCursor = {
    type: ['string', 'null'],
    description: 'Pass it as cursor for the next page; null on the last.',
  };
  return {
    type: 'object',
    required: ['data', 'nextCursor'],
    properties: { data: { type: 'array', items: item }, nextCursor },
  };
}

function pathParameters({ path, parameters }: DeclaredRoute): Parameter[] {
  const uuids = parameters.filter(({ factory }) => factory === uuidInPath).map(({ data }) => data ?? 'id');
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => {
    const schema = uuids.includes(name) ? { type: 'string', format: 'uuid' } : { type: 'string' };
    return { name, in: 'path', required: true, schema };
  });
}

function queryParameters({ query }: DeclaredRoute, schemas: Schemas): Parameter[] {
  if (!query) return [];
  const { properties = {}, required = [] } = schemas.inline(query, 'open');
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

/// <reference path="./class-transformer-storage.d.ts" />

/** What is sent to the service; unknown fields of `closed` input are refused. */
type Input = 'closed' | 'open';

type ObjectSchema = SchemaObject & {
  properties?: Record<string, SchemaObject>;
  required?: string[] | undefined;
};

type NamedClass = abstract new (...args: never[]) => object;

const builtIn = new Set<unknown>([String, Number, Boolean, Date, Object, Array, Buffer]);

/** JSON schemas of DTO classes, out of the decorators that validate them; one component per class name. */
export class Schemas {
  readonly components: Record<string, SchemaObject> = {};
  readonly #classes = new Map<string, NamedClass>();

  /** `$ref` to the class's component, made on first use together with those it refers to. */
  ref(type: NamedClass, input?: Input): SchemaObject {
    const known = this.#classes.get(type.name);
    if (known && known !== type) {
      throw new Error(
        `Two classes of the API are called ${type.name}; the document cannot tell them apart. Rename one.`,
      );
    }
    if (!known) {
      this.#classes.set(type.name, type);
      this.components[type.name] = this.inline(type, input);
    }
    const component = this.components[type.name];
    if (component && input) {
      const closed = input === 'closed' && { additionalProperties: false };
      this.components[type.name] = { ...withDefaults(component, type), ...closed };
    }
    return { $ref: `#/components/schemas/${type.name}` };
  }

  /** The class's schema itself; nested classes are references. */
  inline(type: NamedClass, input?: Input): ObjectSchema {
    const schema = targetConstructorToSchema(type, {
      classTransformerMetadataStorage: defaultMetadataStorage,
      classValidatorMetadataStorage: getMetadataStorage(),
      refPointerPrefix: '#/components/schemas/',
      additionalConverters: { isIso8601: () => ({ type: 'string', format: 'date-time' }) },
    }) as ObjectSchema;
    for (const property of Object.keys(schema.properties ?? {})) {
      const nested: unknown = defaultMetadataStorage
        .findTypeMetadata(type as never, property)
        ?.typeFunction?.();
      if (typeof nested === 'function' && !builtIn.has(nested)) this.ref(nested as NamedClass, input);
    }
    return input ? withDefaults(schema, type) : schema;
  }
}

/** What a class gives its fields by itself need not be sent. In a response such a field is always there. */
function withDefaults(schema: ObjectSchema, type: NamedClass): ObjectSchema {
  const defaults = new (type as new () => Record<string, unknown>)();
  const has = (name: string) => defaults[name] !== undefined;
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => [
    name,
    has(name) ? { ...property, default: defaults[name] } : property,
  ]);
  const required = schema.required?.filter((name) => !has(name)) ?? [];
  return {
    ...schema,
    properties: Object.fromEntries(properties),
    required: required.length > 0 ? required : undefined,
  };
}
