import type { INestApplication, Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModulesContainer } from '@nestjs/core';
import {
  ApiBody,
  ApiConsumes,
  ApiExcludeEndpoint,
  ApiExtension,
  getSchemaPath,
  type OpenAPIObject,
  SwaggerModule,
} from '@nestjs/swagger';
import { accessOf, type RouteAccess } from '../auth/access.ts';
import type { ServiceOptions } from '../service-options.ts';
import { type Description, descriptionOf, type ParameterDescription, parametersOf } from './describe.ts';
import { isModel, type Model, Models, type ModelSchema } from './models.ts';
import { apiKeyScheme, problemResponses, sharedComponents } from './shared-components.ts';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & {
  /** The least role that may call it, for programs: `viewer`, `finance`, `operator`, `admin`, `api-key` or `open`. */
  'x-isthmus-role'?: string;
};
type Parameter = NonNullable<Operation['parameters']>[number];
type Schemas = Record<string, ModelSchema>;

/** Metadata of our decorators on a route. */
interface Route {
  access: RouteAccess;
  description: Description | undefined;
  parameters: readonly ParameterDescription[];
}

const routeKey = 'x-isthmus-route';

export type DocumentOptions = Pick<
  ServiceOptions,
  'service' | 'title' | 'description' | 'apiKeys' | 'problems' | 'passesProblemsOn'
>;

/**
 * The OpenAPI 3.1 document of a service: paths, parameters and bodies by @nestjs/swagger, and for each operation the metadata of
 * our own decorators. It needs only the application's container, neither a database nor NATS.
 */
export function buildDocument(
  app: INestApplication,
  { service, title, description, apiKeys, problems, passesProblemsOn }: DocumentOptions,
): OpenAPIObject {
  const models = new Models();
  const routes = prepareRoutes(app, models);
  const top = {
    openapi: '3.1.0',
    info: { title: title ?? `Isthmus ${service}`, version: '1', description },
    servers: [{ url: '/' }],
  };
  const { paths, components } = SwaggerModule.createDocument(
    app,
    {
      ...top,
      components: sharedComponents(
        passesProblemsOn ? undefined : Object.keys(problems ?? {}),
      ) as OpenAPIObject['components'],
    },
    {
      operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
      extraModels: [...models.referredTo],
    },
  );
  const schemas = components!.schemas as Schemas;
  const sent = new Set<string>();
  const described = Object.entries(paths)
    .filter(([path]) => path !== '/openapi.json' && !path.startsWith('/docs'))
    .map(([path, item]): [string, object] => {
      const operations = Object.entries(item as Record<string, Operation & { [routeKey]?: number }>);
      const complete = operations.map(([method, operation]) => {
        const route = routes.get(operation[routeKey]!)!;
        for (const name of referredTo(operation.requestBody, schemas)) {
          sent.add(name);
          // Unknown fields are rejected, except in third-party bodies.
          if (!route.description?.takes) schemas[name]!.additionalProperties = false;
        }
        if (method === 'post' && !route.description?.takes) sayWhetherNeeded(operation.requestBody, schemas);
        return [method, describeOperation(path, operation, route)] as const;
      });
      return [path, byName(Object.fromEntries(complete))];
    });
  for (const [name, schema] of Object.entries(schemas)) {
    models.complete(name, schema, sent.has(name));
    if (!sent.has(name)) promiseDefaults(schema);
  }
  return {
    ...top,
    paths: byName(Object.fromEntries(described)),
    components: {
      ...components,
      securitySchemes: { ...components!.securitySchemes, ...apiKeyScheme(apiKeys) },
      schemas: byName(schemas),
    } as OpenAPIObject['components'],
  };
}

const byName = <T>(entries: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).sort(([a], [b]) => a.localeCompare(b)));

const numbers = new WeakMap<object, number>();
let count = 0;

/** Passes our metadata on to swagger in advance, and numbers the routes, to find them again in its document. */
function prepareRoutes(app: INestApplication, models: Models): Map<number, Route> {
  const routes = new Map<number, Route>();
  for (const { metatype } of new DiscoveryService(app.get(ModulesContainer)).getControllers()) {
    const prototype = (metatype as Model).prototype as Record<string, object>;
    for (const name of new MetadataScanner().getAllMethodNames(prototype)) {
      const handler = prototype[name]!;
      const decorate = (decorator: MethodDecorator) =>
        decorator(prototype, name, { value: handler } as PropertyDescriptor);
      const access = accessOf(handler);
      if (!access.access) {
        // A handler of messages, or none at all.
        decorate(ApiExcludeEndpoint());
        continue;
      }
      const description = descriptionOf(handler);
      const named = [
        description?.returns,
        description?.takes,
        ...Object.values({ ...description?.events, ...description?.also }),
      ];
      for (const model of named) if (model && model !== 'boolean') models.add(model as Model);
      const types = (Reflect.getMetadata('design:paramtypes', prototype, name) ?? []) as unknown[];
      for (const type of types) if (isModel(type)) models.describe(type);
      // What swagger was once told of a handler stays, in whichever documents of this process it appears.
      const number = numbers.get(handler) ?? (count += 1);
      numbers.set(handler, number);
      routes.set(number, { access, description, parameters: parametersOf(handler) });
      decorate(ApiExtension(routeKey, number));
      if (description?.takes) decorate(ApiBody({ type: description.takes }));
      if (access.consumes) {
        decorate(ApiConsumes(...access.consumes));
        decorate(ApiBody({ required: true, schema: { type: 'string' } }));
      }
    }
  }
  return routes;
}

function describeOperation(
  path: string,
  operation: Operation,
  { access, description, parameters }: Route,
): Operation {
  const { operationId, tags, requestBody } = operation;
  const caller = access.access === 'open' ? 'anyone' : access.access === 'api-key' ? 'key' : 'user';
  const [usualStatus] = Object.keys(operation.responses);
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(
    ([, name = '']): Parameter =>
      parameters.find((one) => one.in === 'path' && one.name === name) ?? {
        ...{ name, in: 'path', required: true, schema: { type: 'string' } },
      },
  );
  const query = (operation.parameters ?? []).filter((one) => 'in' in one && one.in === 'query');
  const headers = parameters.filter((one) => one.in === 'header').map(({ problems: _, ...header }) => header);
  const all = [...inPath, ...query, ...headers];
  return {
    operationId,
    summary: description?.summary,
    description: {
      anyone: undefined,
      key: 'Needs an API key.',
      user: `Needs the role \`${access.access}\`.`,
    }[caller],
    ...(access.audited && { 'x-isthmus-audit': access.audited }),
    ...(access.notAudited && { 'x-isthmus-not-audited': access.notAudited }),
    tags,
    'x-isthmus-role': access.access,
    security: { anyone: [], key: [{ apiKey: [] }], user: [{ bearer: [] }] }[caller],
    parameters: all.length > 0 ? all : undefined,
    requestBody,
    responses: {
      [description?.status ?? usualStatus!]: successResponse(access, description),
      ...Object.fromEntries(
        Object.entries(description?.also ?? {}).map(([status, returns]) => [
          status,
          successResponse(access, { ...description!, returns, list: undefined, events: undefined }),
        ]),
      ),
      ...problemResponses(caller, {
        hasInput: inPath.length > 0 || query.length > 0 || (requestBody !== undefined && !access.consumes),
        hasPath: inPath.length > 0,
        more: Object.assign({}, ...parameters.map(({ problems }) => problems)) as Record<string, string>,
      }),
    } as Operation['responses'],
  };
}

function successResponse({ produces = [] }: RouteAccess, description: Description | undefined): object {
  const { returns, events, list } = description ?? {};
  const content = {
    ...(returns && { 'application/json': { schema: listed(reference(returns), list) } }),
    ...(list === 'page' && { 'text/csv': { schema: { type: 'string' } } }),
    ...Object.fromEntries(produces.map((type) => [type, { schema: { type: 'string' } }])),
    ...(events && { [eventStream]: { schema: eventsSchema(events) } }),
  };
  return { description: 'Done.', ...(Object.keys(content).length > 0 && { content }) };
}

const eventStream = 'text/event-stream';
const reference = (type: Type | 'boolean'): ModelSchema =>
  type === 'boolean' ? { type } : { $ref: getSchemaPath(type) };

/** One event of the stream, with its data parsed; OpenAPI 3.1 itself has no words for streams. */
function eventsSchema(events: NonNullable<Description['events']>): object {
  const oneOf = Object.entries(events).map(([event, data]) => ({
    type: 'object',
    required: ['event', 'data'],
    properties: { event: { const: event }, id: { type: 'string' }, data: reference(data) },
  }));
  return { description: 'Each event, with its data as JSON.', oneOf };
}

function listed(item: ModelSchema, list: Description['list']): object {
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

/** Names of the schemas that a part of the document refers to, directly or indirectly. */
function referredTo(part: unknown, schemas: Schemas, found = new Set<string>()): Set<string> {
  for (const [, name = ''] of (JSON.stringify(part) ?? '').matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    if (!found.has(name)) referredTo(schemas[name], schemas, found.add(name));
  }
  return found;
}

/** A command without a body is read as one with an empty body: it means the same where no field is needed. */
function sayWhetherNeeded(body: Operation['requestBody'], schemas: Schemas): void {
  if (!body || !('content' in body)) return;
  const { schema = {} } = body.content['application/json'] ?? {};
  const name = '$ref' in schema ? schema.$ref.split('/').at(-1)! : undefined;
  if (name !== undefined && !schemas[name]?.required?.length) body.required = false;
}

/** Fields with a default are optional in requests; in responses they are always present. */
function promiseDefaults(schema: ModelSchema): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined) continue;
    delete property.default;
    schema.required = [...(schema.required ?? []), name];
  }
}
